// Two models with images, and a file that no document uses.
import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from 'mongoose-image-cleanup';
import { put } from '../helpers.js';

export { default as mongoose } from 'mongoose';
export { cleanupFor } from 'mongoose-image-cleanup';

const schema = new Schema({ image: { type: String, index: true } });
schema.plugin(imageCleanup, { fields: ['image'] });
export const User = mongoose.model('User', schema);
export const Post = mongoose.model('Post', schema);
export const told: unknown[] = [];
export const log = (message: unknown) => told.push(message);

await put('a.png', 'b.png');
await User.create({ image: 'a.png' });
