// An app with the Cloudinary SDK, configured for a cloud that no example talks to.
import { Schema } from 'mongoose';

export { v2 as cloudinary } from 'cloudinary';
export { imageCleanup, localProvider } from 'mongoose-image-cleanup';
export { cloudinaryProvider } from 'mongoose-image-cleanup/cloudinary';

export const schema = new Schema({ image: { type: String, index: true } });
export const api_key = 'key';
export const api_secret = 'secret';
