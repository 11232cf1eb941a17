import type { Model, Schema } from 'mongoose';
import { isDeepStrictEqual } from 'node:util';
import { localProvider } from './providers/local/index.js';
import type { Asset, StorageProvider } from './providers/provider.js';
import type { CleanupEvent } from './event.js';

/** What a `keep` function is told about the value it judges. */
export interface KeepContext {
  /** What the value points to. */
  readonly asset: Asset;
  /** The tracked path, such as `photos.url`. */
  readonly field: string;
  /** The name of the model that was written. */
  readonly model: string;
  /** `_id` of a document that held the value before the write. */
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
 * A place where files may be used besides the model itself: a model or its registered name (its tracked fields), a model with the paths to
 * ask (needs no plugin), or a function.
 */
export type ReferenceSource =
  string | AnyModel | { model: string | AnyModel; fields: string[] } | ReferenceFunction;

/** How long to wait between tries, in milliseconds, and how many tries there are in all. */
export interface RetryOptions {
  /** Calls of the provider in all, at least 1. Default 5. */
  attempts?: number;
  /** Milliseconds before the second try; doubled before each later one. Default 200. */
  minDelayMs?: number;
  /** Milliseconds that a wait never exceeds. Default 30 000. */
  maxDelayMs?: number;
}

/** Where messages go; `console` is one. */
export interface Logger {
  /** What deserves a look: a missing file, a question without an answer, a missing index. */
  warn(message: string): unknown;
  /** A file that could not be removed. */
  error(message: string): unknown;
}

/** Options of `schema.plugin(imageCleanup, options)`. All are optional and checked when the plugin is applied. */
export interface ImageCleanupOptions {
  /** Schema paths that hold images. Default: the paths marked `imageCleanup: true`. */
  fields?: string[];
  /** Where the images live; several may stand in an array, the first that identifies a value owns it. Default `localProvider()`. */
  provider?: StorageProvider | StorageProvider[];
  /** Never removed. Literal schema defaults of tracked fields are protected as well. Default none. */
  keep?: KeepRule | KeepRule[];
  /** Where a file may be used. Default `'connection'`: all models of the connection that have the plugin. */
  references?: 'connection' | 'model' | 'document' | ReferenceSource[];
  /** Off: no look-up, no removal. A function is asked at every write; one that throws counts as off. Default true. */
  enabled?: boolean | (() => boolean);
  /** `'wait'`: the write's call resolves after the first attempt. `'background'`: at once. Default `'wait'`. */
  removal?: 'wait' | 'background';
  /** Milliseconds for one attempt, for one question, and for all that one call waits. Default 10 000. */
  timeoutMs?: number;
  /** Tries of a removal that failed for a passing reason. Default `{ attempts: 5, minDelayMs: 200, maxDelayMs: 30_000 }`. */
  retry?: RetryOptions;
  /** One operation over more documents keeps all their files. Default 1 000 000. */
  maxDocuments?: number;
  /** Every outcome, one event for each asset and write. What it throws is isolated. */
  onEvent?: (event: CleanupEvent) => unknown;
  /** Failures and what deserves a look. Default `console`. */
  logger?: Logger;
  /** Mongoose's own option for global plugins; accepted and left to Mongoose. */
  deduplicate?: boolean;
  /** Mongoose's own option for global plugins; accepted and left to Mongoose. */
  tags?: string[];
}

/** The options as the code uses them: complete, checked, never changed again. */
export interface CleanupOptions {
  readonly fields: readonly string[] | undefined;
  readonly providers: readonly StorageProvider[];
  readonly keep: readonly KeepRule[];
  readonly references: 'connection' | 'model' | 'document' | readonly ReferenceSource[];
  readonly isEnabled: () => boolean;
  readonly removal: 'wait' | 'background';
  readonly timeoutMs: number;
  readonly retry: Required<RetryOptions>;
  readonly maxDocuments: number;
  readonly onEvent: ((event: CleanupEvent) => unknown) | undefined;
  readonly logger: Logger;
  readonly given: ImageCleanupOptions;
}

const KNOWN = [
  'fields',
  'provider',
  'keep',
  'references',
  'enabled',
  'removal',
  'timeoutMs',
  'retry',
  'maxDocuments',
  'onEvent',
  'logger',
  'deduplicate',
  'tags',
];

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkOptions(given: ImageCleanupOptions = {}): CleanupOptions {
  if (typeof given !== 'object' || given === null) refuse('options', given, 'an object');
  refuseUnknown('option', given, KNOWN);
  const enabled = given.enabled ?? true;
  if (typeof enabled !== 'boolean') optionalFunction('enabled', enabled, 'true, false or a function');
  return {
    fields: checkFields(given.fields),
    providers: checkProviders(given.provider),
    keep: checkKeep(given.keep),
    references: checkReferences(given.references),
    isEnabled: typeof enabled === 'boolean' ? () => enabled : enabled,
    removal: oneOf('removal', given.removal ?? 'wait', ['wait', 'background']),
    timeoutMs: positiveNumber('timeoutMs', given.timeoutMs ?? 10_000),
    retry: checkRetry(given.retry),
    maxDocuments: positiveNumber('maxDocuments', given.maxDocuments ?? 1_000_000),
    onEvent: optionalFunction('onEvent', given.onEvent),
    logger: checkLogger(given.logger ?? console),
    given,
  };
}

/** The same plugin call once more; `deduplicate` and `tags` are Mongoose's and do not count. */
export function areSameOptions(one: CleanupOptions, other: CleanupOptions): boolean {
  const ours = ({ deduplicate: _d, tags: _t, ...rest }: ImageCleanupOptions) => rest;
  return isDeepStrictEqual(ours(one.given), ours(other.given));
}

function checkFields(fields: unknown): readonly string[] | undefined {
  if (fields === undefined) return undefined;
  const isListOfPaths =
    Array.isArray(fields) &&
    fields.length > 0 &&
    fields.every((path) => typeof path === 'string' && path !== '');
  if (!isListOfPaths)
    refuse('fields', fields, "a non-empty array of schema paths, such as ['image', 'photos.url']");
  return [...new Set(fields as string[])];
}

function checkProviders(given: unknown): readonly StorageProvider[] {
  if (given === undefined) return [localProvider()];
  const providers = [given].flat();
  const isProvider = (one: unknown): boolean =>
    typeof one === 'object' &&
    one !== null &&
    typeof (one as StorageProvider).name === 'string' &&
    (['identify', 'forms', 'remove'] as const).every(
      (method) => typeof (one as StorageProvider)[method] === 'function',
    );
  if (providers.length === 0 || !providers.every(isProvider)) {
    refuse('provider', given, 'a provider such as localProvider(), or a non-empty array of providers');
  }
  return providers as StorageProvider[];
}

function checkKeep(given: unknown): readonly KeepRule[] {
  if (given === undefined) return [];
  const rules = [given].flat();
  const isRule = (rule: unknown): boolean =>
    (typeof rule === 'string' && rule !== '') || rule instanceof RegExp || typeof rule === 'function';
  if (!rules.every(isRule))
    refuse('keep', given, 'strings, regular expressions or functions, one or an array');
  return rules as KeepRule[];
}

const SCOPES = ['connection', 'model', 'document'] as const;

function checkReferences(given: unknown): CleanupOptions['references'] {
  if (given === undefined) return 'connection';
  if (!Array.isArray(given)) return oneOf('references', given, SCOPES);
  for (const source of given as unknown[]) {
    const isWithFields =
      isPlainObject(source) &&
      isModelOrName(source['model']) &&
      Array.isArray(source['fields']) &&
      source['fields'].length > 0 &&
      source['fields'].every((path) => typeof path === 'string') &&
      Object.keys(source).every((key) => key === 'model' || key === 'fields');
    if (!isModelOrName(source) && !isWithFields && typeof source !== 'function') {
      refuse('references', source, 'a model, a model name, { model, fields } or a function in the array');
    }
  }
  return given as ReferenceSource[];
}

export function isModel(one: unknown): one is AnyModel {
  return typeof one === 'function' && typeof (one as { modelName?: unknown }).modelName === 'string';
}

function isModelOrName(one: unknown): boolean {
  return (typeof one === 'string' && one !== '') || isModel(one);
}

function checkRetry(given: unknown): Required<RetryOptions> {
  const retry = { attempts: 5, minDelayMs: 200, maxDelayMs: 30_000 };
  if (given === undefined) return retry;
  if (!isPlainObject(given)) refuse('retry', given, '{ attempts, minDelayMs, maxDelayMs }');
  refuseUnknown('retry option', given, Object.keys(retry));
  for (const key of Object.keys(retry) as (keyof typeof retry)[]) {
    if (given[key] !== undefined) retry[key] = positiveNumber(`retry.${key}`, given[key]);
  }
  if (retry.maxDelayMs < retry.minDelayMs) {
    refuse('retry.maxDelayMs', retry.maxDelayMs, `at least retry.minDelayMs (${String(retry.minDelayMs)})`);
  }
  return retry;
}

function checkLogger(given: unknown): Logger {
  const logger = given as Partial<Logger> | null;
  if (typeof logger?.warn !== 'function' || typeof logger.error !== 'function') {
    refuse('logger', given, 'an object with the functions warn and error');
  }
  return logger as Logger;
}

function optionalFunction<F>(name: string, given: F, allowed = 'a function'): F {
  if (given !== undefined && typeof given !== 'function') refuse(name, given, allowed);
  return given;
}

function positiveNumber(name: string, given: unknown): number {
  if (typeof given !== 'number' || !Number.isFinite(given) || given < 1) {
    refuse(name, given, 'a finite number of at least 1');
  }
  return given as number;
}

function oneOf<T extends string>(name: string, given: unknown, allowed: readonly T[]): T {
  if (!allowed.includes(given as T)) refuse(name, given, allowed.map((one) => `'${one}'`).join(', '));
  return given as T;
}

function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`imageCleanup: unknown ${what} "${unknown}"; known are: ${known.join(', ')}`);
  }
}

function refuse(name: string, given: unknown, allowed: string): never {
  throw new TypeError(`imageCleanup: the option "${name}" is ${describe(given)}; allowed: ${allowed}`);
}

function describe(given: unknown): string {
  if (typeof given === 'string') return `'${given.slice(0, 60)}'`;
  if (typeof given === 'function') return 'a function';
  if (Array.isArray(given)) return given.length === 0 ? 'an empty array' : 'an array with other content';
  return typeof given === 'object' && given !== null ? 'an object' : String(given);
}

function isPlainObject(one: unknown): one is Record<string, unknown> {
  return typeof one === 'object' && one !== null && !Array.isArray(one);
}
