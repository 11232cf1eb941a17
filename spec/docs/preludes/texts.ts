// What an app with texts has at hand, and three files.
import { put } from '../helpers.js';

export { default as mongoose, Schema } from 'mongoose';
export { imageCleanup } from 'mongoose-image-cleanup';

await put('a.png', 'b.png', 'c.png');
