import { isDeepStrictEqual } from 'node:util';
import { localProvider } from '../providers/local/index.js';
import {
  ANYTHING,
  checkOptions,
  FLAG,
  FUNCTION,
  isPlainObject,
  oneOf,
  POSITIVE,
  refuse,
  type Rule,
  TEXT,
  type Rules,
} from '../shared/option-rules.js';
import { lastingMilliseconds } from '../shared/duration.js';
import { readFields, readProviders } from './fields-option.js';
import { KEEP } from './keep-option.js';
import type { CleanupOptions, JournalSettings } from './checked-options.js';
import type { ImageCleanupOptions, JournalOptions, Logger, RetryOptions } from './options.js';
import { warn } from '../shared/isolated.js';
import { readReferences } from './references-option.js';

const SWITCH: Rule = {
  allowed: 'true, false or a function',
  is: (value) => typeof value === 'boolean' || typeof value === 'function',
};

const LOGGER: Rule = {
  allowed: 'an object with the functions warn, error and, if wanted, info',
  is(value) {
    const { warn, error, info } = (value ?? {}) as Partial<Logger>;
    const isInfo = info === undefined || typeof info === 'function';
    return typeof warn === 'function' && typeof error === 'function' && isInfo;
  },
};

const RULES: Rules<Required<ImageCleanupOptions>> = {
  // `readFields` and `readReferences` say what is wrong with an entry of these two
  fields: ANYTHING,
  provider: ANYTHING,
  keep: KEEP,
  references: ANYTHING,
  mentionsUpTo: {
    allowed: 'an integer of at least 0, or Infinity',
    is: (value) => value === Infinity || (Number.isSafeInteger(value) && Number(value) >= 0),
  },
  enabled: SWITCH,
  dryRun: SWITCH,
  removal: oneOf('wait', 'background'),
  timeoutMs: POSITIVE,
  retry: { allowed: '{ attempts, minDelayMs, maxDelayMs }', is: isPlainObject },
  maxDocuments: POSITIVE,
  journal: {
    allowed: 'true, false or { collection, keepSettled, required }',
    is: (value) => typeof value === 'boolean' || isPlainObject(value),
  },
  gracePeriod: ANYTHING,
  onEvent: FUNCTION,
  logger: LOGGER,
  deduplicate: ANYTHING,
  tags: ANYTHING,
};

const RETRY_RULES: Rules<Required<RetryOptions>> = {
  attempts: POSITIVE,
  minDelayMs: POSITIVE,
  maxDelayMs: POSITIVE,
};

const JOURNAL_RULES: Rules<Required<JournalOptions>> = {
  collection: TEXT,
  keepSettled: ANYTHING,
  required: FLAG,
};

/** Options that belong elsewhere, and their right place. */
const OF_OTHERS = {
  keepSettled: "journal: { keepSettled: '90d' }",
  required: 'journal: { required: true }',
  collection: 'journal: { collection }',
  machine: 'provider: localProvider({ machine })',
  root: 'provider: localProvider({ root })',
  baseUrl: 'provider: localProvider({ baseUrl })',
  hosts: 'provider: localProvider({ hosts })',
};
const NOT_OF_JOURNAL = { gracePeriod: "gracePeriod: '7d' beside journal" };

/** @throws TypeError that names the option, what was given and what is allowed. */
export function readOptions(given: ImageCleanupOptions = {}): CleanupOptions {
  refuseMisplaced('imageCleanup', given, OF_OTHERS);
  checkOptions('imageCleanup', given, RULES);
  const { enabled = true, dryRun = false, logger = quietConsole } = given;
  return {
    fields: readFields(given.fields, (what) => {
      warn({ logger }, what);
    }),
    providers: given.provider === undefined ? [localProvider()] : readProviders('provider', given.provider),
    isProviderGiven: given.provider !== undefined,
    keep: given.keep === undefined ? [] : [given.keep].flat(),
    references: readReferences(given.references),
    mentionsUpTo: given.mentionsUpTo ?? 10_000,
    isMentionsUpToGiven: given.mentionsUpTo !== undefined,
    isEnabled: typeof enabled === 'boolean' ? () => enabled : enabled,
    isDryRun: typeof dryRun === 'boolean' ? () => dryRun : () => isOnUnlessDenied(dryRun),
    removal: given.removal ?? 'wait',
    timeoutMs: given.timeoutMs ?? 10_000,
    retry: readRetry(given.retry),
    maxDocuments: given.maxDocuments ?? 1_000_000,
    journal: readJournal(given.journal),
    gracePeriodMs: readGracePeriod(given),
    onEvent: given.onEvent,
    logger,
    given,
  };
}

/**
 * The most similar known name would be wrong advice for an option that belongs elsewhere. `places` has the right place
 * by option.
 *
 * @throws TypeError that names the option and its place.
 */
function refuseMisplaced(owner: string, given: unknown, places: Readonly<Record<string, string>>): void {
  if (typeof given !== 'object' || given === null) return;
  const misplaced = Object.keys(given).find((name) => Object.hasOwn(places, name));
  if (misplaced === undefined) return;
  throw new TypeError(
    `${owner}: unknown option "${misplaced}", which belongs elsewhere; write ${places[misplaced]!}`,
  );
}

/** Whether it is the same plugin call again. `deduplicate` and `tags` belong to Mongoose and are ignored. */
export function areSameOptions(one: CleanupOptions, other: CleanupOptions): boolean {
  const ours = ({ deduplicate: _d, tags: _t, ...rest }: ImageCleanupOptions) => rest;
  return isDeepStrictEqual(ours(one.given), ours(other.given));
}

/** Any answer other than `false` counts as on, so that nothing is removed. */
function isOnUnlessDenied(dryRun: () => unknown): boolean {
  try {
    const answer = dryRun();
    // a promise that nobody awaits must not end the process
    if (answer instanceof Promise) answer.catch(() => undefined);
    return answer !== false;
  } catch {
    return true;
  }
}

function readRetry(given: RetryOptions = {}): Required<RetryOptions> {
  checkOptions('imageCleanup: retry', given, RETRY_RULES);
  const { attempts = 5, minDelayMs = 200, maxDelayMs = 30_000 } = given;
  if (maxDelayMs < minDelayMs) {
    const allowed = `at least retry.minDelayMs (${String(minDelayMs)})`;
    refuse({ owner: 'imageCleanup', name: 'retry.maxDelayMs', given: maxDelayMs, allowed });
  }
  return { attempts, minDelayMs, maxDelayMs };
}

function readJournal(given: boolean | JournalOptions = false): JournalSettings | undefined {
  if (given === false) return undefined;
  const options = given === true ? {} : given;
  refuseMisplaced('imageCleanup: journal', options, NOT_OF_JOURNAL);
  checkOptions('imageCleanup: journal', options, JOURNAL_RULES);
  return {
    collection: options.collection ?? 'imagecleanupintents',
    keepSettledMs: lastingMilliseconds('imageCleanup', 'journal.keepSettled', options.keepSettled ?? 0),
    isRequired: options.required ?? false,
  };
}

function readGracePeriod({ gracePeriod = 0, journal = false }: ImageCleanupOptions): number {
  const ms = lastingMilliseconds('imageCleanup', 'gracePeriod', gracePeriod);
  if (ms > 0 && journal === false) {
    throw new TypeError(
      'imageCleanup: the option "gracePeriod" needs the option "journal": true, which records the files to remove',
    );
  }
  return ms;
}

/** The console without `info`: successful removals are logged only if an app asks for it. */
const quietConsole: Logger = {
  warn: (message) => {
    console.warn(message);
  },
  error: (message) => {
    console.error(message);
  },
};
