import { isModel, type AnyModel } from '../schema/options.js';
import { hasPlugin } from '../schema/tracking.js';
import { Allowed, problemOfAllow } from './allowed.js';
import { milliseconds } from './duration.js';
import {
  OVERRIDABLE,
  type MissingFile,
  type OverridableRefusal,
  type ReadCollection,
  type SweepProgress,
  type SweptFile,
  type UnclearFile,
} from './report.js';

/** Options of `sweep`. */
export interface SweepOptions {
  /** All models whose documents may use the files: of one connection or of several. */
  models: readonly AnyModel[];
  /** Remove the orphans. Default false: a dry run. */
  remove?: boolean;
  /** Only what is older than this: `'24h'`, `'7d'`, or milliseconds; counted from the start of the sweep. Default `'24h'`. */
  olderThan?: string | number;
  /** The share of all files, 0 to 1, above which orphans look like a mistake and nothing is removed. Default 0.5. */
  maxShare?: number;
  /** Globs over names below the storage's root, such as `legacy/**`; what they match is never an orphan. Default none. */
  exclude?: readonly string[];
  /** Only what lies below this folder, or begins with this prefix of a public_id. Default everything. */
  prefix?: string;
  /** Also files and folders whose names begin with a dot. Default false. */
  dotFiles?: boolean;
  /** Also report documents that point to files that are not there. Default false. */
  missing?: boolean;
  /**
   * Read the tracked fields only. Default false: what seems to be an orphan is also looked for in all other fields, and in the
   * documents of every other model of the same connections; it stays if one of them mentions its name.
   */
  onlyTracked?: boolean;
  /**
   * Refusals to override, such as `'no-references'`; single folders and kinds of files by name: `'unused-folder:thumbs'`,
   * `'unused-folder:users/*'`, `'foreign-kind:.html'`, `'foreign-kind:none'` for files without extension. Default none.
   */
  allow?: readonly OverridableRefusal[];
  /** Ends the sweep between two batches of files; the report then says `stopped`. */
  signal?: AbortSignal;
  /** Called every thousand files or documents and at the end of each stage. What it throws is isolated. */
  onProgress?: (progress: SweepProgress) => unknown;
  /** Every collection, once it was read: before anything is removed. What it throws is isolated. */
  onCollection?: (collection: ReadCollection) => unknown;
  /** Every orphan: once found (dry run), or once it has an outcome. What it throws is isolated. */
  onFile?: (file: SweptFile) => unknown;
  /** Every file that stays because a document mentions its name, with that document. What it throws is isolated. */
  onUnclear?: (unclear: UnclearFile) => unknown;
  /** Every document that points to a missing file. What it throws is isolated. */
  onMissing?: (missing: MissingFile) => unknown;
  /** The clock. Default the system's. */
  now?: () => Date;
}

/** Complete and checked. */
export interface CheckedSweepOptions {
  readonly models: readonly AnyModel[];
  readonly remove: boolean;
  readonly olderThanMs: number;
  readonly maxShare: number;
  readonly exclude: readonly string[];
  readonly prefix: string | undefined;
  readonly dotFiles: boolean;
  readonly missing: boolean;
  readonly onlyTracked: boolean;
  readonly allow: Allowed;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((progress: SweepProgress) => unknown) | undefined;
  readonly onCollection: ((collection: ReadCollection) => unknown) | undefined;
  readonly onFile: ((file: SweptFile) => unknown) | undefined;
  readonly onUnclear: ((unclear: UnclearFile) => unknown) | undefined;
  readonly onMissing: ((missing: MissingFile) => unknown) | undefined;
  readonly now: () => Date;
}

const KNOWN = [
  'models',
  'remove',
  'olderThan',
  'maxShare',
  'exclude',
  'prefix',
  'dotFiles',
  'missing',
  'onlyTracked',
  'allow',
  'signal',
  'onProgress',
  'onCollection',
  'onFile',
  'onUnclear',
  'onMissing',
  'now',
];

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkSweepOptions(given: SweepOptions): CheckedSweepOptions {
  if (typeof given !== 'object' || given === null)
    throw new TypeError('sweep: the options must be an object');
  const unknown = Object.keys(given).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`sweep: unknown option "${unknown}"; known are: ${KNOWN.join(', ')}`);
  }
  const { maxShare = 0.5, exclude = [], allow = [], prefix } = given;
  if (typeof maxShare !== 'number' || !(maxShare >= 0 && maxShare <= 1)) {
    refuse('maxShare', maxShare, 'a number from 0 to 1');
  }
  if (!areStrings(exclude)) refuse('exclude', exclude, "an array of globs such as 'legacy/**'");
  checkAllow(allow);
  if (prefix !== undefined && typeof prefix !== 'string') refuse('prefix', prefix, 'a string');
  if (given.signal !== undefined && !(given.signal instanceof AbortSignal)) {
    refuse('signal', given.signal, 'an AbortSignal');
  }
  return {
    models: checkModels(given.models),
    remove: flag('remove', given.remove),
    olderThanMs: milliseconds('olderThan', given.olderThan ?? '24h'),
    maxShare,
    exclude,
    prefix: prefix === '' ? undefined : prefix,
    dotFiles: flag('dotFiles', given.dotFiles),
    missing: flag('missing', given.missing),
    onlyTracked: flag('onlyTracked', given.onlyTracked),
    allow: new Allowed(allow),
    signal: given.signal,
    onProgress: listener('onProgress', given.onProgress),
    onCollection: listener('onCollection', given.onCollection),
    onFile: listener('onFile', given.onFile),
    onUnclear: listener('onUnclear', given.onUnclear),
    onMissing: listener('onMissing', given.onMissing),
    now: listener('now', given.now) ?? (() => new Date()),
  };
}

function checkModels(models: unknown): readonly AnyModel[] {
  if (!Array.isArray(models) || models.length === 0 || !models.every(isModel)) {
    refuse('models', models, 'a non-empty array of Mongoose models');
  }
  const given = models as AnyModel[];
  if (!given.some(hasPlugin)) {
    throw new TypeError(
      `sweep: none of the models ${given.map((one) => `"${one.modelName}"`).join(', ')} has the plugin; ` +
        'apply it before mongoose.model()',
    );
  }
  return [...new Set(given)];
}

function checkAllow(allow: unknown): void {
  const allowed = `an array with some of ${OVERRIDABLE.join(', ')}, unused-folder:<folder>, foreign-kind:<.extension>`;
  if (!Array.isArray(allow)) refuse('allow', allow, allowed);
  const problem = (allow as unknown[]).map(problemOfAllow).find((one) => one !== null);
  if (problem !== undefined)
    throw new TypeError(`sweep: the option "allow": ${problem}; allowed: ${allowed}`);
}

function flag(name: string, given: unknown): boolean {
  if (given !== undefined && typeof given !== 'boolean') refuse(name, given, 'true or false');
  return given === true;
}

function listener<F>(name: string, given: F): F {
  if (given !== undefined && typeof given !== 'function') refuse(name, given, 'a function');
  return given;
}

function areStrings(given: unknown): boolean {
  return Array.isArray(given) && given.every((one) => typeof one === 'string' && one !== '');
}

function refuse(name: string, given: unknown, allowed: string): never {
  const told =
    typeof given === 'string'
      ? `'${given}'`
      : Array.isArray(given)
        ? 'an array with other content'
        : String(given);
  throw new TypeError(`sweep: the option "${name}" is ${told}; allowed: ${allowed}`);
}
