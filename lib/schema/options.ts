import type { Model, Schema } from 'mongoose';
import type { Asset, StorageProvider } from '../providers/provider.js';
import type { TextFormat } from '../texts/text-reader.js';
import type { CleanupEvent } from './cleanup-event.js';

/** Any Mongoose model, whatever its document type. */
export type AnyModel = Model<Any, Any, Any, Any, Any, Any>;
/** Any Mongoose schema. */
export type AnySchema = Schema<Any, Any, Any, Any, Any, Any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any;

/** What a `keep` function gets besides the value. */
export interface KeepContext {
  /** The file that the value means. */
  readonly asset: Asset;
  /** The tracked path, such as `photos.url`; `null` if the file belongs to no single field (`removeUnused`). */
  readonly field: string | null;
  /** The name of the model that was written. */
  readonly model: string;
  /** The `_id` of a document that held the value before the write; `null` if it is not a single document. */
  readonly documentId: unknown;
  /** The Mongoose call: `save`, `updateMany`, … */
  readonly operation: string;
}

/**
 * A file that is never removed: a stored value of it, a pattern that matches a stored value, or a function that returns
 * anything but `false` for it.
 */
export type KeepRule = string | RegExp | ((value: unknown, about: KeepContext) => unknown);

/**
 * Returns for each asset, in order, whether something else uses it. Any answer other than `false` keeps the file, and
 * so does an error or an answer that takes longer than `timeoutMs`.
 *
 * ```ts
 * schema.plugin(imageCleanup, {
 *   fields: ['image'],
 *   references: [async (assets) => Promise.all(assets.map(({ key }) => isUsedByOtherService(key)))],
 * });
 * ```
 */
export type ReferenceFunction = (
  assets: readonly Asset[],
  options: { signal: AbortSignal },
) => Promise<readonly boolean[]> | readonly boolean[];

/**
 * Another place where files may be used, besides the models of the connection: a model or its registered name (its
 * tracked fields are asked), a model with paths (the model needs no plugin), or a function.
 */
export type ReferenceSource = string | AnyModel | ReferenceFields | ReferenceFunction;

/** A model, and its paths that may use files. */
export interface ReferenceFields {
  /** The model, or the name under which it is registered. It needs no plugin. */
  model: string | AnyModel;
  /** Schema paths, such as `html` or `blocks`. */
  fields: string[];
  /**
   * `true`: any mention of a file's name at these paths keeps the file, also in texts and objects, and however large
   * the collection is. Default false.
   */
  mentions?: boolean;
}

/** A field with options of its own. */
export interface ProvidedField {
  /** The schema path. */
  path: string;
  /** The provider of its images, or several. Default: the provider of the plugin call. */
  provider?: StorageProvider | StorageProvider[];
  /**
   * The format of the field's texts, if it holds texts with images in them: `'html'` (needs `htmlparser2`),
   * `'markdown'` (needs `marked` and `htmlparser2`), `'json'` for the document of an editor as an object or as JSON
   * text, or a function that returns the addresses of the images in a value. Default: the values are images.
   */
  in?: TextFormat;
  /**
   * With `in`: the path of an array in the same document that the app fills with all images that the text uses. With an
   * index on this array, MongoDB can find uses without searching the texts.
   */
  index?: string;
}

/** How often a removal is attempted, and how long to wait between attempts. */
export interface RetryOptions {
  /** Total number of attempts, at least 1. Default 5. */
  attempts?: number;
  /** Milliseconds before the second attempt; doubled before each later one. Default 200. */
  minDelayMs?: number;
  /** The longest wait in milliseconds. Default 30,000. */
  maxDelayMs?: number;
}

/** Values of the option `journal` besides `true` and `false`. */
export interface JournalOptions {
  /** The collection of the intents, in the database of the model. Default `imagecleanupintents`. */
  collection?: string;
  /**
   * How long settled intents are kept, with the outcome of each file: `'90d'`, or a number of milliseconds. Default:
   * they are deleted when they are settled.
   */
  keepSettled?: string | number;
  /**
   * `true`: a write whose intent cannot be stored is rejected. Default false: the write is done, and its files are
   * kept.
   */
  required?: boolean;
}

/** Receives log messages; `console` is a logger. */
export interface Logger {
  /** Problems that need attention: a missing file, a question without an answer, a missing index. */
  warn(message: string): unknown;
  /** Files that could not be removed. */
  error(message: string): unknown;
  /** Every removal. Without this function, removals are not logged. */
  info?(message: string): unknown;
}

/**
 * Options of `schema.plugin(imageCleanup, options)`. All options are optional, and are checked when the plugin is
 * applied.
 *
 * ```ts
 * schema.plugin(imageCleanup, {
 *   fields: ['cover', 'photos.url', { path: 'body', in: 'html' }],
 *   provider: localProvider({ root: 'uploads', baseUrl: '/uploads' }),
 *   keep: ['/uploads/default.png'],
 * });
 * ```
 */
export interface ImageCleanupOptions {
  /** Schema paths that hold images. Default: the paths marked with `imageCleanup: true`. */
  fields?: (string | ProvidedField)[];
  /**
   * The provider of the images. If there are several in an array, the first that identifies a value owns it. Default
   * `localProvider()`.
   */
  provider?: StorageProvider | StorageProvider[];
  /** Files that are never removed. Literal schema defaults of tracked fields are protected, too. Default: none. */
  keep?: KeepRule | KeepRule[];
  /**
   * Where a file may be used. `'connection'`: in all models of the connection that have the plugin. `'model'`: in this
   * model. `'document'`: in the documents that held it. Places in an array are asked in addition to the connection, or
   * in addition to `'model'` or `'document'` if the array contains one of these. Default `'connection'`.
   */
  references?: 'connection' | 'model' | 'document' | ReferenceSource[];
  /**
   * Collections with at most this many documents are also searched for mentions of a file in forms that no provider
   * knows. `0`: never. `Infinity`: always. Default 10,000.
   */
  mentionsUpTo?: number;
  /**
   * `false` switches the plugin off: nothing is looked up or removed. A function is called at every write; if it
   * throws, the plugin is off for that write. Default true.
   */
  enabled?: boolean | (() => boolean);
  /**
   * `true`: no file is removed, and a file that would be removed is reported as `kept` with the reason `dry run`. A
   * function is called each time. Default false.
   */
  dryRun?: boolean | (() => boolean);
  /**
   * `'wait'`: the Mongoose call resolves after the first attempt to remove the files. `'background'`: it resolves
   * without waiting for it. Default `'wait'`.
   */
  removal?: 'wait' | 'background';
  /** The maximum duration in milliseconds of one attempt, of one question, and of the wait of one call. Default 10,000. */
  timeoutMs?: number;
  /**
   * Attempts of a removal that fails for a temporary reason. Default `{ attempts: 5, minDelayMs: 200, maxDelayMs:
   * 30_000 }`.
   */
  retry?: RetryOptions;
  /** If one operation changes more documents than this, all their files are kept. Default 1,000,000. */
  maxDocuments?: number;
  /**
   * `true`: before a write, the files that it is about to drop are recorded in a collection, so that their removal
   * survives the end of the process. Needs a worker: call `cleanupFor(mongoose).work()`, or `runDue()` regularly, in a
   * process that has loaded all models. Default false.
   */
  journal?: boolean | JournalOptions;
  /**
   * How long a dropped file stays before it is removed, unless something uses it again: `'7d'`, or a number of
   * milliseconds. Needs `journal`. Default 0: the file is removed at once.
   */
  gracePeriod?: string | number;
  /** Called with every outcome, once for each asset and write. An error that it throws is ignored. */
  onEvent?: (event: CleanupEvent) => unknown;
  /** Receives failures and problems that need attention. Default: `console`, without messages about each removal. */
  logger?: Logger;
  /** Mongoose's own option for global plugins. The plugin accepts it and leaves it to Mongoose. */
  deduplicate?: boolean;
  /** Mongoose's own option for global plugins. The plugin accepts it and leaves it to Mongoose. */
  tags?: string[];
}
