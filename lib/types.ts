import type { TextFormat } from './texts/text-reader.js';

/** The option that every Mongoose call takes which can drop a file. */
export interface ImageCleanupCallOption {
  /** `false`: this call leaves the files alone. `{ gracePeriod: 0 }`: what it drops goes at once, or after another time. */
  imageCleanup?: boolean | ImageCleanupCall;
}

/** What the option `imageCleanup` of one call can say beside `true` and `false`. */
export interface ImageCleanupCall {
  /** In place of the plugin's: `'7d'`, or milliseconds; 0: at once. Needs the plugin's option `journal`. */
  gracePeriod?: string | number;
}

/** The option of a schema path. */
export interface ImageCleanupPathOption {
  /** `true`: the path holds images, tracked by a plugin call that names no `fields`. An object: it holds texts with images in them. */
  imageCleanup?: boolean | ImageCleanupTextOption;
}

/** What the option `imageCleanup` of a schema path can say of its texts, as an entry of `fields` does. */
export interface ImageCleanupTextOption {
  /** What the texts are written in. */
  in: TextFormat;
  /** The path of an array of all images that the text uses, kept by the app in the same document. */
  index?: string;
}

declare module 'mongoose' {
  interface QueryOptions extends ImageCleanupCallOption {}
  interface SaveOptions extends ImageCleanupCallOption {}
  // only the parameter that the class has in every major and that has no default
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface SchemaTypeOptions<T> extends ImageCleanupPathOption {}
}

// Mongoose takes the options of `updateOne`, `updateMany`, `bulkWrite` and `bulkSave` from the driver's types. Where a
// package manager hides the driver (Yarn PnP, pnpm with `hoist: false`) they are not found, which must be no error of ours.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore */
declare module 'mongodb' {
  interface UpdateOptions extends ImageCleanupCallOption {}
  interface BulkWriteOptions extends ImageCleanupCallOption {}
}

// Where an app has another driver beside it (mongodb-memory-server brings one), Mongoose keeps its own inside its folder.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore */
declare module 'mongoose/node_modules/mongodb' {
  interface UpdateOptions extends ImageCleanupCallOption {}
  interface BulkWriteOptions extends ImageCleanupCallOption {}
}
