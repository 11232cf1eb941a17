// An album schema without the plugin, and where events go.
import { Schema as SchemaOfApp } from 'mongoose';
import { put } from '../helpers.js';

export { default as mongoose, Schema } from 'mongoose';
export { cleanupFor, imageCleanup, localProvider, withoutImageCleanup } from 'mongoose-image-cleanup';

export const albumSchema = new SchemaOfApp({
  title: String,
  image: { type: String, index: true },
});
export const counted: Record<string, number> = {};
export const metrics = {
  increment(name: string): void {
    counted[name] = (counted[name] ?? 0) + 1;
  },
};
/** Another service of the app. */
export const shop = {
  showcases: (name: string, _signal: AbortSignal): boolean => name === 'c.png',
};
await put('a.png', 'b.png');
