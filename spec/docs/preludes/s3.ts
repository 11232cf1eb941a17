// An app with an S3 client that sends nothing.
import { S3Client } from '@aws-sdk/client-s3';
import { Schema } from 'mongoose';

export { imageCleanup, localProvider } from 'mongoose-image-cleanup';
export { s3Provider } from 'mongoose-image-cleanup/s3';

export const client = new S3Client({ region: 'eu-central-1' });
export const schema = new Schema({ image: { type: String, index: true } });
