// docs: model
import mongoose, { Schema } from 'mongoose';
import { imageCleanup, localProvider } from 'mongoose-image-cleanup';

export const UPLOADS = process.env.UPLOADS ?? 'uploads';

const albumSchema = new Schema({
  title: { type: String, required: true },
  image: { type: String, index: true },
});
albumSchema.plugin(imageCleanup, { fields: ['image'], provider: localProvider({ root: UPLOADS }) });

export const Album = mongoose.model('Album', albumSchema);
// docs: end
