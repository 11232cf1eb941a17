// An album with an image whose model has a journal and a grace period, and a schema that has no plugin yet.
import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from 'mongoose-image-cleanup';
import { put } from '../helpers.js';

export { default as mongoose } from 'mongoose';
export { cleanupFor, imageCleanup } from 'mongoose-image-cleanup';

export const schema = new Schema({ image: String });
const albumSchema = new Schema({ title: String, image: { type: String, index: true } });
albumSchema.plugin(imageCleanup, { fields: ['image'], journal: true, gracePeriod: '7d' });
export const Album = mongoose.model('Album', albumSchema);

await put('a.png', 'x.png');
export const album = await Album.create({ title: 'Dunes', image: '/uploads/a.png' });
