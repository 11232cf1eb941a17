// Two models over one folder, and a file that nobody uses.
import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from 'mongoose-image-cleanup';
import { put } from '../helpers.js';

export { default as mongoose } from 'mongoose';
export { cleanupFor } from 'mongoose-image-cleanup';

const schema = new Schema({ image: { type: String, index: true } });
schema.plugin(imageCleanup, { fields: ['image'] });
export const User = mongoose.model('User', schema);
export const Post = mongoose.model('Post', schema.clone());

await put('used.png', 'orphan.png');
await User.create({ image: '/uploads/used.png' });

/** The app's own way to write a log. */
export function log(_counts: object): void {}
