import type { TextFormat } from './texts/text-reader.js';

/** The option that the plugin adds to every Mongoose call that can drop a file. */
export interface ImageCleanupCallOption {
  /**
   * `false`: this call removes no files. `{ gracePeriod: 0 }`: the files that this call drops are removed at once, or
   * after another grace period than the plugin's.
   */
  imageCleanup?: boolean | ImageCleanupCall;
}

/** Values of the option `imageCleanup` of one call besides `true` and `false`. */
export interface ImageCleanupCall {
  /**
   * Replaces the grace period of the plugin for this call: `'7d'`, or a number of milliseconds; 0: at once. Needs the
   * plugin option `journal`.
   */
  gracePeriod?: string | number;
}

/** The option that the plugin adds to schema paths. */
export interface ImageCleanupPathOption {
  /**
   * `true`: the path holds images, and is tracked by a plugin call without `fields`. An object: the path holds texts
   * with images in them.
   */
  imageCleanup?: boolean | ImageCleanupTextOption;
}

/** How the texts of a marked schema path are read, as in an entry of `fields`. */
export interface ImageCleanupTextOption {
  /** The format of the texts. */
  in: TextFormat;
  /** The path of an array in the same document that the app fills with all images that the text uses. */
  index?: string;
}

declare module 'mongoose' {
  interface QueryOptions extends ImageCleanupCallOption {}
  interface SaveOptions extends ImageCleanupCallOption {}
  // only the type parameter that the class has in every major version and that has no default
  // eslint-disable-next-line @typescript-eslint/no-unused-vars
  interface SchemaTypeOptions<T> extends ImageCleanupPathOption {}
}

// Mongoose takes the options of `updateOne`, `updateMany`, `bulkWrite` and `bulkSave` from the driver's types. If a
// package manager hides the driver (Yarn PnP, pnpm with `hoist: false`), TypeScript does not find them; this must not
// be an error.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore */
declare module 'mongodb' {
  interface UpdateOptions extends ImageCleanupCallOption {}
  interface BulkWriteOptions extends ImageCleanupCallOption {}
}

// If an app has another version of the driver (mongodb-memory-server brings one), Mongoose keeps its own in its folder.
// eslint-disable-next-line @typescript-eslint/ban-ts-comment
/** @ts-ignore */
declare module 'mongoose/node_modules/mongodb' {
  interface UpdateOptions extends ImageCleanupCallOption {}
  interface BulkWriteOptions extends ImageCleanupCallOption {}
}
