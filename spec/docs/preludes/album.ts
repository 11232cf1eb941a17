// An album with an image, and the files of two.
import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from 'mongoose-image-cleanup';
import { put } from '../helpers.js';

export { default as mongoose } from 'mongoose';
export { cleanupFor, imageCleanup, localProvider, withoutImageCleanup } from 'mongoose-image-cleanup';

export const albumSchema = new Schema({
  title: String,
  image: { type: String, index: true },
  gallery: { type: [String], index: true },
});
albumSchema.plugin(imageCleanup, { fields: ['image', 'gallery'] });
export const Album = mongoose.model('Album', albumSchema);

await put('a.png', 'b.png', 'c.png');
export const album = await Album.create({
  title: 'Rome',
  image: '/uploads/a.png',
  gallery: ['/uploads/c.png'],
});

/** What a test suite does before it begins. */
export async function loadFixtures(): Promise<void> {
  await Album.updateMany({}, { image: '/uploads/fixture.png' });
}
