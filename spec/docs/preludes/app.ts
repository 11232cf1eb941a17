// What an app has at hand.
export { default as mongoose, Schema } from 'mongoose';
export { cleanupFor, imageCleanup, localProvider, withoutImageCleanup } from 'mongoose-image-cleanup';
