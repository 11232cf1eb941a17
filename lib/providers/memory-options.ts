import {
  checkOptions,
  FUNCTION,
  integer,
  isPlainObject,
  refuse,
  TEXT,
  type Rules,
} from '../shared/option-rules.js';
import type { Derived } from './derived.js';
import { isId } from './memory-values.js';

/** Options of `memoryProvider`. */
export interface MemoryOptions {
  /** The name of the provider, which is also the scheme of the values: `memory:a/b.png`. Default: `'memory'`. */
  readonly name?: string;
  /**
   * For tests of an app that stores the paths of `localProvider`: where the app serves its files, as a path or a whole
   * URL. Values may then also be `/static/a.png`, `static/a.png`, `a.png`, multer's `uploads/a.png` and its file
   * object. Default: none.
   */
  readonly baseUrl?: string;
  /** With `baseUrl`: the folder with which multer's paths begin. Default: `'uploads'`. */
  readonly root?: string;
  /** The stored files at the beginning: id → content. Default: none. */
  readonly files?: Readonly<Record<string, string>>;
  /** The maximum number of assets for one call of `remove`. Default: 100. */
  readonly batchSize?: number;
  /** Returns the ids of the files derived from a file, given its id. Default: none. */
  readonly derived?: Derived;
  /** The clock for `modifiedAt`. Default: the system's. */
  readonly now?: () => Date;
}

const RULES: Rules<MemoryOptions> = {
  name: TEXT,
  baseUrl: {
    allowed: "a path such as '/static', or a URL such as 'https://cdn.example.com/static'",
    is: (value) => typeof value === 'string' && isBaseUrl(value),
  },
  root: {
    allowed: `a folder such as 'uploads', beside "baseUrl"`,
    is: (value) => typeof value === 'string' && isId(value),
  },
  files: {
    allowed: 'an object: id → content',
    is: (value) => isPlainObject(value) && Object.values(value).every((one) => typeof one === 'string'),
  },
  batchSize: integer(1),
  derived: FUNCTION,
  now: FUNCTION,
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkMemoryOptions(options: unknown): asserts options is MemoryOptions {
  checkOptions('memoryProvider', options, RULES);
  const { root, baseUrl } = options as MemoryOptions;
  if (root !== undefined && baseUrl === undefined) {
    refuse({ owner: 'memoryProvider', name: 'root', given: root, allowed: RULES.root.allowed });
  }
}

/** Whether an id can follow. */
function isBaseUrl(text: string): boolean {
  return /^(?:https?:\/\/[^\s/?#\\]+)?\/[\w.-]+(?:\/[\w.-]+)*\/?$/.test(text);
}
