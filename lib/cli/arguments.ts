import { parseArgs } from 'node:util';
import type { OverridableRefusal } from '../sweep/index.js';
import type { DoctorOptions } from '../doctor/index.js';
import { checkQuery, type JournalQuery } from '../journal/listing.js';
import { checkWork, type WorkOptions } from '../journal/worker.js';
import type { SweepOptions } from '../sweep/sweep-options.js';

/** The command line is wrong; exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

const COMMANDS = ['sweep', 'doctor', 'work', 'journal'] as const;
type Command = (typeof COMMANDS)[number];

export interface WorkArguments extends Pick<WorkOptions, 'every' | 'concurrency'> {
  /** Deliver only what is due now. */
  readonly isOnce: boolean;
}

export interface JournalArguments extends JournalQuery {
  /** List files that failed for good, instead of files that wait. */
  readonly isFailed: boolean;
  /** Make failed intents due again, instead of listing. */
  readonly isRetry: boolean;
  /** The maximum number of files to list. */
  readonly limit: number;
}

export interface Arguments {
  readonly command: Command | 'help' | 'version';
  readonly files: readonly string[];
  readonly names: readonly string[];
  readonly uri: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly sweep: Omit<SweepOptions, 'models'>;
  readonly doctor: Pick<DoctorOptions, 'sample' | 'ignore'>;
  readonly work: WorkArguments;
  readonly journal: JournalArguments;
}

const OPTIONS = {
  models: { type: 'string', multiple: true },
  model: { type: 'string', multiple: true },
  uri: { type: 'string' },
  remove: { type: 'boolean' },
  'older-than': { type: 'string' },
  'max-share': { type: 'string' },
  exclude: { type: 'string', multiple: true },
  prefix: { type: 'string' },
  'dot-files': { type: 'boolean' },
  missing: { type: 'boolean' },
  'only-tracked': { type: 'boolean' },
  allow: { type: 'string', multiple: true },
  sample: { type: 'string' },
  ignore: { type: 'string', multiple: true },
  every: { type: 'string' },
  concurrency: { type: 'string' },
  once: { type: 'boolean' },
  failed: { type: 'boolean' },
  retry: { type: 'boolean' },
  document: { type: 'string' },
  intent: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

type Values = ReturnType<typeof parsed>['values'];

/** Options of all commands, and options of single commands. All others are options of the sweep. */
const COMMON = ['models', 'model', 'uri', 'json', 'quiet'];
const OWN: Readonly<Partial<Record<Command, readonly string[]>>> = {
  doctor: ['sample', 'ignore'],
  work: ['every', 'concurrency', 'once'],
  journal: ['failed', 'retry', 'document', 'intent', 'limit'],
};

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parsed(argv);
  const isHelp = values.help === true || argv.length === 0;
  const command = values.version === true ? 'version' : isHelp ? 'help' : commandIn(positionals, values);
  return {
    command,
    files: values.models ?? [],
    names: values.model ?? [],
    uri: values.uri,
    json: values.json === true,
    quiet: values.quiet === true,
    sweep: sweepOf(values),
    doctor: {
      ignore: values.ignore ?? [],
      ...(values.sample !== undefined && { sample: numberOf('sample', values.sample) }),
    },
    work: workOf(values),
    journal: journalOf(values),
  };
}

function commandIn([first = '', extra]: readonly string[], values: Values): Command {
  const command = COMMANDS.find((one) => one === first);
  if (!command) throw new UsageError(`unknown command "${first}"; the commands are: ${COMMANDS.join(', ')}`);
  const all = Object.values(OWN).flat();
  const other = Object.keys(values).find((name) => {
    if (COMMON.includes(name)) return false;
    return command === 'sweep' ? all.includes(name) : !OWN[command]!.includes(name);
  });
  if (other !== undefined) throw new UsageError(`the command "${command}" has no option --${other}`);
  if (extra !== undefined)
    throw new UsageError(`unexpected argument "${extra}"; model files are given as --models ${extra}`);
  if (values.models === undefined)
    throw new UsageError('--models is missing; give the file that defines your models');
  return command;
}

function sweepOf(values: Values): Arguments['sweep'] {
  return {
    remove: values.remove === true,
    missing: values.missing === true,
    onlyTracked: values['only-tracked'] === true,
    dotFiles: values['dot-files'] === true,
    exclude: values.exclude ?? [],
    allow: (values.allow ?? []) as OverridableRefusal[],
    ...(values['older-than'] !== undefined && { olderThan: values['older-than'] }),
    ...(values['max-share'] !== undefined && { maxShare: shareOf(values['max-share']) }),
    ...(values.prefix !== undefined && { prefix: values.prefix }),
  };
}

function workOf({ every, concurrency, once }: Values): WorkArguments {
  if (once === true && every !== undefined)
    throw new UsageError('--every and --once exclude each other; leave one of them out');
  const options = {
    ...(every !== undefined && { every }),
    ...(concurrency !== undefined && { concurrency: numberOf('concurrency', concurrency) }),
  };
  checkWork(options);
  return { isOnce: once === true, ...options };
}

/**
 * The default limit for a list of the whole journal. The list of one document or intent has no limit, so that it is
 * complete.
 */
const USUAL_LIMIT = 100;

function journalOf({ failed, retry, document, intent, limit }: Values): JournalArguments {
  if (retry === true && limit !== undefined)
    throw new UsageError('--retry takes no --limit; choose the intents with --document or --intent');
  const query = {
    ...(document !== undefined && { documentId: document }),
    ...(intent !== undefined && { intentId: intent }),
  };
  checkQuery('journal', query);
  const usual = document === undefined && intent === undefined ? USUAL_LIMIT : Infinity;
  return {
    ...query,
    isFailed: failed === true,
    isRetry: retry === true,
    limit: limit === undefined ? usual : limit === 'all' ? Infinity : numberOf('limit', limit),
  };
}

function numberOf(name: 'sample' | 'concurrency' | 'limit', text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  const allowed = {
    sample: 'a number of values such as 1000',
    concurrency: 'a number of intents at the same time, from 1 to 100',
    limit: "a number of files such as 1000, or 'all'",
  };
  throw new UsageError(`--${name} is "${text}"; allowed: ${allowed[name]}`);
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (thrown) {
    throw new UsageError((thrown as Error).message, { cause: thrown });
  }
}

/** Parses `0.6` or `60%`. */
function shareOf(text: string): number {
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1)) {
    throw new UsageError(`--max-share is "${text}"; allowed: a share such as 0.6 or 60%`);
  }
  return share;
}
