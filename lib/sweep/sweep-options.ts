import { MODELS, withPlugin } from '../schema/models-option.js';
import type { AnyModel } from '../schema/options.js';
import {
  ANYTHING,
  checkOptions,
  FLAG,
  FUNCTION,
  isListOf,
  isText,
  SIGNAL,
  type Rules,
} from '../shared/option-rules.js';
import { Allowed, problemOfAllow } from './allowed.js';
import { milliseconds } from '../shared/duration.js';
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

const ALLOWED = `an array with some of ${OVERRIDABLE.join(', ')}, unused-folder:<folder>, foreign-kind:<.extension>`;

const RULES: Rules<Required<SweepOptions>> = {
  models: MODELS,
  remove: FLAG,
  // see `milliseconds`
  olderThan: ANYTHING,
  maxShare: {
    allowed: 'a number from 0 to 1',
    is: (value) => typeof value === 'number' && value >= 0 && value <= 1,
  },
  exclude: { allowed: "an array of globs such as 'legacy/**'", is: isListOf(isText) },
  prefix: { allowed: 'a string', is: (value) => typeof value === 'string' },
  dotFiles: FLAG,
  missing: FLAG,
  onlyTracked: FLAG,
  allow: { allowed: ALLOWED, is: Array.isArray },
  signal: SIGNAL,
  onProgress: FUNCTION,
  onCollection: FUNCTION,
  onFile: FUNCTION,
  onUnclear: FUNCTION,
  onMissing: FUNCTION,
  now: FUNCTION,
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function readSweepOptions(given: SweepOptions): CheckedSweepOptions {
  checkOptions('sweep', given, RULES);
  const { allow = [], prefix } = given;
  const problem = allow.map(problemOfAllow).find((one) => one !== null);
  if (problem !== undefined) {
    throw new TypeError(`sweep: the option "allow": ${problem}; allowed: ${ALLOWED}`);
  }
  return {
    models: withPlugin('sweep', given.models),
    remove: given.remove ?? false,
    olderThanMs: milliseconds('sweep', 'olderThan', given.olderThan ?? '24h'),
    maxShare: given.maxShare ?? 0.5,
    exclude: given.exclude ?? [],
    prefix: prefix === '' ? undefined : prefix,
    dotFiles: given.dotFiles ?? false,
    missing: given.missing ?? false,
    onlyTracked: given.onlyTracked ?? false,
    allow: new Allowed(allow),
    signal: given.signal,
    onProgress: given.onProgress,
    onCollection: given.onCollection,
    onFile: given.onFile,
    onUnclear: given.onUnclear,
    onMissing: given.onMissing,
    now: given.now ?? (() => new Date()),
  };
}
