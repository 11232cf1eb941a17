import type { Model, Schema } from 'mongoose';
import type { Asset, KeptReason, StorageProvider } from '../providers/provider.js';
import type { TextFormat, TextReader } from '../texts/text-reader.js';

/** What a `keep` function is told about the value it judges. */
export interface KeepContext {
  /** What the value points to. */
  readonly asset: Asset;
  /** The tracked path, such as `photos.url`; `null` where no single field is meant (`removeUnused`). */
  readonly field: string | null;
  /** The name of the model that was written. */
  readonly model: string;
  /** `_id` of a document that held the value before the write; `null` where no single document is meant. */
  readonly documentId: unknown;
  /** The Mongoose call: `save`, `updateMany`, … */
  readonly operation: string;
}

/** A file that is never removed: a stored form of it, a pattern over any stored form, or a predicate. */
export type KeepRule = string | RegExp | ((value: unknown, about: KeepContext) => unknown);

/** Answers for each asset, in order, whether something else uses it; anything but `false` keeps the file. */
export type ReferenceFunction = (
  assets: readonly Asset[],
  options: { signal: AbortSignal },
) => Promise<readonly boolean[]> | readonly boolean[];

/** Any Mongoose model; its document type does not matter here. */
export type AnyModel = Model<Any, Any, Any, Any, Any, Any>;
/** Any Mongoose schema. */
export type AnySchema = Schema<Any, Any, Any, Any, Any, Any>;
// eslint-disable-next-line @typescript-eslint/no-explicit-any
type Any = any;

/**
 * A place where files may be used besides the models of the connection: a model or its registered name (its tracked
 * fields), a model with the paths to ask (needs no plugin), or a function.
 */
export type ReferenceSource = string | AnyModel | ReferenceFields | ReferenceFunction;

/** A model and the paths of it that are asked for files. */
export interface ReferenceFields {
  /** The model or the name under which it is registered. It needs no plugin. */
  model: string | AnyModel;
  /** Schema paths, such as `html` or `blocks`. */
  fields: string[];
  /** `true`: any mention of a file's name there keeps it, in texts and objects too, however large the collection is. */
  mentions?: boolean;
}

/** A field whose images live elsewhere than those of the other fields. */
export interface ProvidedField {
  /** The schema path. */
  path: string;
  /** Where its images live. Default: the provider of the plugin call. */
  provider?: StorageProvider | StorageProvider[];
  /**
   * The field holds texts with images in them: HTML (needs `htmlparser2`), Markdown (needs `marked` and `htmlparser2`), the
   * document of an editor as an object or as JSON, or what a function reads, which answers with the addresses of the images in a value.
   */
  in?: TextFormat;
  /**
   * With `in`: the path of an array, kept by the app in the same document, of all the images that the text uses. An index on it answers
   * the "still used?" question at once, where a text has to be searched.
   */
  index?: string;
}

/** How long to wait between tries, in milliseconds, and how many tries there are in all. */
export interface RetryOptions {
  /** Calls of the provider in all, at least 1. Default 5. */
  attempts?: number;
  /** Milliseconds before the second try; doubled before each later one. Default 200. */
  minDelayMs?: number;
  /** Milliseconds that a wait never exceeds. Default 30 000. */
  maxDelayMs?: number;
}

/** What the option `journal` can say beside `true`. */
export interface JournalOptions {
  /** The collection of the intents, in the database of the model. Default `imagecleanupintents`. */
  collection?: string;
  /** Settled intents are kept so long, with what became of each file: `'90d'`, or milliseconds. Default: not at all. */
  keepSettled?: string | number;
  /** `true`: a write whose intent cannot be stored is refused. Default: it is done, and its files are kept. */
  required?: boolean;
}

/** Where messages go; `console` is one. */
export interface Logger {
  /** What deserves a look: a missing file, a question without an answer, a missing index. */
  warn(message: string): unknown;
  /** A file that could not be removed. */
  error(message: string): unknown;
  /** Every removal. Absent: they are not logged. */
  info?(message: string): unknown;
}

/** Options of `schema.plugin(imageCleanup, options)`. All are optional and checked when the plugin is applied. */
export interface ImageCleanupOptions {
  /** Schema paths that hold images. Default: the paths marked `imageCleanup: true`. */
  fields?: (string | ProvidedField)[];
  /** Where the images live; several may stand in an array, the first that identifies a value owns it. Default `localProvider()`. */
  provider?: StorageProvider | StorageProvider[];
  /** Never removed. Literal schema defaults of tracked fields are protected as well. Default none. */
  keep?: KeepRule | KeepRule[];
  /**
   * Where a file may be used. Default `'connection'`: all models of the connection that have the plugin. What stands in an
   * array is asked in addition, to less than the connection if `'model'` or `'document'` stands there too.
   */
  references?: 'connection' | 'model' | 'document' | ReferenceSource[];
  /**
   * Collections of at most so many documents are also searched for mentions of a file that no provider knows as one of its
   * forms. `0`: never. `Infinity`: always. Default 10 000.
   */
  mentionsUpTo?: number;
  /** Off: no look-up, no removal. A function is asked at every write; one that throws counts as off. Default true. */
  enabled?: boolean | (() => boolean);
  /** `true`: files stay, and events say `kept`, `dry run` of those that would go. A function is asked each time. Default false. */
  dryRun?: boolean | (() => boolean);
  /** `'wait'`: the write's call resolves after the first attempt. `'background'`: at once. Default `'wait'`. */
  removal?: 'wait' | 'background';
  /** Milliseconds for one attempt, for one question, and for all that one call waits. Default 10 000. */
  timeoutMs?: number;
  /** Tries of a removal that failed for a passing reason. Default `{ attempts: 5, minDelayMs: 200, maxDelayMs: 30_000 }`. */
  retry?: RetryOptions;
  /** One operation over more documents keeps all their files. Default 1 000 000. */
  maxDocuments?: number;
  /**
   * `true`: what a write is about to drop is noted in a collection first, so that a removal outlives the process. Needs a
   * worker: `cleanupFor(mongoose).work()`, or `runDue()` from time to time, in a process that has loaded all models. Default false.
   */
  journal?: boolean | JournalOptions;
  /**
   * Dropped files stay so long and go then, unless something uses them again: `'7d'`, or milliseconds. Needs `journal`.
   * Default 0: they go at once.
   */
  gracePeriod?: string | number;
  /** Every outcome, one event for each asset and write. What it throws is isolated. */
  onEvent?: (event: CleanupEvent) => unknown;
  /** Failures and what deserves a look. Default `console`. */
  logger?: Logger;
  /** Mongoose's own option for global plugins; accepted and left to Mongoose. */
  deduplicate?: boolean;
  /** Mongoose's own option for global plugins; accepted and left to Mongoose. */
  tags?: string[];
}

/** What became of one asset in one write. */
export interface CleanupEvent {
  /** `missing`: the storage did not have it. `kept`: see `reason`. `failed`: for good, see `error`. */
  readonly outcome: 'removed' | 'missing' | 'kept' | 'failed';
  /** `null` where no provider owns the value, or no single asset is meant (`too many`, `no snapshot`). */
  readonly asset: Asset | null;
  /** What the document stored; delivery signatures masked. `undefined` where no single value is meant. */
  readonly value: unknown;
  /** The tracked path; `null` where no single field is meant (`removeUnused`, `too many`, `no snapshot`). */
  readonly field: string | null;
  /** The name of the model that was written. */
  readonly model: string;
  /** A document that held the value before the write; `null` where no single document is meant. */
  readonly documentId: unknown;
  /** The Mongoose call: `save`, `updateMany`, `removeUnused`, … */
  readonly operation: string;
  /** Only with `kept`. */
  readonly reason?: KeptReason;
  /** With `failed`, and with `kept` where an error was the cause. */
  readonly error?: Error;
  /** Calls of the provider for this asset so far. */
  readonly attempts: number;
}

/** Where files are looked for: in the models of the scope, and in what was named besides. */
export interface References {
  readonly scope: 'connection' | 'model' | 'document';
  readonly sources: readonly ReferenceSource[];
}

/** A field as a plugin call names it. */
export interface NamedPath {
  readonly path: string;
  /** Its own providers; `undefined`: those of the plugin call. */
  readonly providers: readonly StorageProvider[] | undefined;
  /** It holds texts. */
  readonly text: TextReader | undefined;
}

/** The options as the code uses them: complete, checked, never changed again. */
export interface CleanupOptions {
  readonly fields: readonly NamedPath[] | undefined;
  readonly providers: readonly StorageProvider[];
  /** The providers are those of the call, not the default. */
  readonly isProviderGiven: boolean;
  readonly keep: readonly KeepRule[];
  readonly references: References;
  readonly mentionsUpTo: number;
  readonly isMentionsUpToGiven: boolean;
  readonly isEnabled: () => boolean;
  /** Never throws; what does not answer with true or false counts as on. */
  readonly isDryRun: () => boolean;
  readonly removal: 'wait' | 'background';
  readonly timeoutMs: number;
  readonly retry: Required<RetryOptions>;
  readonly maxDocuments: number;
  readonly journal: JournalSettings | undefined;
  readonly gracePeriodMs: number;
  readonly onEvent: ((event: CleanupEvent) => unknown) | undefined;
  readonly logger: Logger;
  readonly given: ImageCleanupOptions;
}

/** The option `journal`, complete. */
export interface JournalSettings {
  readonly collection: string;
  /** Milliseconds for which settled intents are kept; 0: not at all. */
  readonly keepSettledMs: number;
  /** A write whose intent cannot be stored is refused. */
  readonly isRequired: boolean;
}

/** Is a reference, or anything else, a Mongoose model? */
export function isModel(one: unknown): one is AnyModel {
  return typeof one === 'function' && typeof (one as { modelName?: unknown }).modelName === 'string';
}
