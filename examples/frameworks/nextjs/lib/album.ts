// docs: model
import mongoose, { Schema, type InferSchemaType, type Model } from 'mongoose';
import { imageCleanup, localProvider } from 'mongoose-image-cleanup';

export const UPLOADS = process.env.UPLOADS ?? 'uploads';

const albumSchema = new Schema({
  title: { type: String, required: true },
  image: { type: String, index: true },
});
albumSchema.plugin(imageCleanup, { fields: ['image'], provider: localProvider({ root: UPLOADS }) });
type AlbumFields = InferSchemaType<typeof albumSchema>;

// survives hot reload
export const Album: Model<AlbumFields> = mongoose.models.Album ?? mongoose.model('Album', albumSchema);
// docs: end
