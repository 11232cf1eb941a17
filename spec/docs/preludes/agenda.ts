// The URI of the database where Agenda keeps its jobs, and a model with a journal.
import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from 'mongoose-image-cleanup';

export { default as mongoose } from 'mongoose';

export const uri = process.env['EXAMPLE_MONGODB_URI']!;
const schema = new Schema({ image: { type: String, index: true } });
schema.plugin(imageCleanup, { fields: ['image'], journal: true });
mongoose.model('Album', schema);
