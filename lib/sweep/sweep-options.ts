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
  refuse,
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
  /** All models whose documents may use the files, of one connection or of several. */
  models: readonly AnyModel[];
  /** Whether to remove the orphans. Default false: a dry run. */
  remove?: boolean;
  /**
   * Only files that are older than this are orphans: `'24h'`, `'7d'`, or a number of milliseconds, counted from the
   * start of the sweep. Default `'24h'`.
   */
  olderThan?: string | number;
  /** If orphans are more than this share of all files, from 0 to 1, the sweep removes nothing. Default 0.5. */
  maxShare?: number;
  /**
   * Globs over names below the root of the storage, such as `legacy/**`. A file that matches is never an orphan.
   * Default: none.
   */
  exclude?: readonly string[];
  /** Sweep only files below this folder, or with this beginning of a public_id. Default: all files. */
  prefix?: string;
  /** Include files and folders whose names begin with a dot. Default false. */
  dotFiles?: boolean;
  /** Also report documents that point to files that do not exist. Default false. */
  missing?: boolean;
  /**
   * Read only the tracked fields. Default false: all other fields, and the documents of every other model of the same
   * connections, are also searched for mentions of an orphan's name; a mention keeps the file.
   */
  onlyTracked?: boolean;
  /**
   * Refusals to override, such as `'no-references'`. Single folders and kinds of files are named:
   * `'unused-folder:thumbs'`, `'unused-folder:users/*'`, `'foreign-kind:.html'`, and `'foreign-kind:none'` for files
   * without an extension. Default: none.
   */
  allow?: readonly OverridableRefusal[];
  /** Stops the sweep between two batches of files. The report then has the status `stopped`. */
  signal?: AbortSignal;
  /** Called after every thousand files or documents, and at the end of each stage. An error that it throws is ignored. */
  onProgress?: (progress: SweepProgress) => unknown;
  /** Called for every collection after it was read, before anything is removed. An error that it throws is ignored. */
  onCollection?: (collection: ReadCollection) => unknown;
  /** Called for every orphan: when it is found (dry run), or when it has an outcome. An error that it throws is ignored. */
  onFile?: (file: SweptFile) => unknown;
  /**
   * Called for every file that is kept because a document mentions its name, with that document. An error that it
   * throws is ignored.
   */
  onUnclear?: (unclear: UnclearFile) => unknown;
  /** Called for every document that points to a missing file. An error that it throws is ignored. */
  onMissing?: (missing: MissingFile) => unknown;
  /** The clock. Default: the system's. */
  now?: () => Date;
}

/** The options, complete and checked. */
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
    refuse({ owner: 'sweep', name: 'allow', given: allow, because: `in which ${problem}`, allowed: ALLOWED });
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
