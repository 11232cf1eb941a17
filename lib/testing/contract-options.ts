import { checkOptions, FLAG, FUNCTION, integer, type Rule, type Rules } from '../shared/option-rules.js';
import type { Asset, StorageProvider } from '../providers/provider.js';

/** `describe` of mocha, Jest, Vitest, or of another framework that declares tests in this way. */
export type Describe = (title: string, body: () => void) => unknown;
/** `it` or `test` of the same framework. */
export type It = (title: string, body: () => Promise<void>) => unknown;

type Awaitable<T> = T | Promise<T>;

/**
 * What `providerContract` needs to know about a provider. A label is the name of a file, with the characters `a-z`,
 * `0-9`, `-` and `.`, and with `/` between folders. The same label means the same file.
 */
export interface ContractOptions {
  /** Returns a new provider with an empty storage. Called before every rule. */
  readonly create: () => Awaitable<StorageProvider>;
  /**
   * Stores a file under the label, or writes it anew, without the provider. Returns every value, string or object, with
   * which documents may name the file. The provider must accept all of them.
   */
  readonly seed: (provider: StorageProvider, label: string) => Awaitable<readonly unknown[]>;
  /** Returns whether the storage has the file, without asking the provider. */
  readonly exists: (provider: StorageProvider, label: string) => Awaitable<boolean>;
  /** Values that the provider must refuse, such as addresses of other sites and paths out of its folder. */
  readonly foreignValues: readonly unknown[];
  /**
   * Assets of another storage of the same kind: another folder, cloud or bucket. Their forms must be empty. Default:
   * none; keys that no storage has are always tested.
   */
  readonly foreignAssets?: readonly Asset[];
  /** Makes every later access of this provider to its storage fail, as an outage or a missing permission does. */
  readonly fail: (provider: StorageProvider) => Awaitable<void>;
  /**
   * Makes the removal of this one file fail, while the others in its batch succeed. Without it, this rule is not
   * tested.
   */
  readonly failOne?: (provider: StorageProvider, label: string) => Awaitable<void>;
  /** `false`: the storage does not say that an asset did not exist, so that it is reported as `removed`. Default: true. */
  readonly tellsMissing?: boolean;
  /** Makes every later access hang. Without it, hanging is not tested. */
  readonly hang?: (provider: StorageProvider) => Awaitable<void>;
  /** Called after every rule. */
  readonly destroy?: (provider: StorageProvider) => Awaitable<void>;
  /** Number of files to store for `list`, enough for several pages. Default: 30. */
  readonly listSize?: number;
  /** Number of values to generate for each rule about `identify`. Default: 10,000. */
  readonly runs?: number;
  /**
   * Repeats the random values of an earlier run; the message of a failing rule has its seed. Default: a new seed each
   * time.
   */
  readonly randomSeed?: number;
  /** Default: the global `describe`. */
  readonly describe?: Describe;
  /** Default: the global `it`. */
  readonly it?: It;
}

const REQUIRED: Rule = { ...FUNCTION, isRequired: true };

const RULES: Rules<Required<ContractOptions>> = {
  create: REQUIRED,
  seed: REQUIRED,
  exists: REQUIRED,
  fail: REQUIRED,
  failOne: FUNCTION,
  hang: FUNCTION,
  destroy: FUNCTION,
  describe: FUNCTION,
  it: FUNCTION,
  listSize: integer(0),
  runs: integer(0),
  randomSeed: integer(0),
  foreignValues: {
    allowed: 'an array of values to refuse, at least one',
    is: (value) => Array.isArray(value) && value.length > 0,
    isRequired: true,
  },
  tellsMissing: FLAG,
  foreignAssets: { allowed: 'an array of assets', is: Array.isArray },
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkContractOptions(options: ContractOptions): void {
  checkOptions('providerContract', options, RULES);
}
