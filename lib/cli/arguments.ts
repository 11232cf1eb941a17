import { parseArgs } from 'node:util';
import type { OverridableRefusal } from '../sweep/index.js';
import type { DoctorOptions } from '../doctor/index.js';
import type { SweepOptions } from '../sweep/sweep-options.js';

/** What the user wrote makes no sense; exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

export interface Arguments {
  readonly command: 'sweep' | 'doctor' | 'help' | 'version';
  readonly files: readonly string[];
  readonly names: readonly string[];
  readonly uri: string | undefined;
  readonly json: boolean;
  readonly quiet: boolean;
  readonly sweep: Omit<SweepOptions, 'models'>;
  readonly doctor: Pick<DoctorOptions, 'sample' | 'ignore'>;
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
  json: { type: 'boolean' },
  quiet: { type: 'boolean', short: 'q' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean', short: 'v' },
} as const;

/** Options that both commands have. */
const COMMON = ['models', 'model', 'uri', 'json', 'quiet'];
const OF_DOCTOR = ['sample', 'ignore'];

/** @throws UsageError */
export function readArguments(argv: readonly string[]): Arguments {
  const { values, positionals } = parsed(argv);
  const [first, ...rest] = positionals;
  const named = first === 'doctor' ? 'doctor' : 'sweep';
  const command =
    values.version === true ? 'version' : values.help === true || argv.length === 0 ? 'help' : named;
  if (command === named) {
    if (first !== command) throw new UsageError(`unknown command "${first ?? ''}"; there are: sweep, doctor`);
    refuseOthers(command, Object.keys(values));
    const [extra] = rest;
    if (extra !== undefined)
      throw new UsageError(`unexpected argument "${extra}"; model files are given as --models ${extra}`);
    if (values.models === undefined)
      throw new UsageError('--models is missing: the file that defines your models');
  }
  return {
    command,
    files: values.models ?? [],
    names: values.model ?? [],
    uri: values.uri,
    json: values.json === true,
    quiet: values.quiet === true,
    sweep: {
      remove: values.remove === true,
      missing: values.missing === true,
      onlyTracked: values['only-tracked'] === true,
      dotFiles: values['dot-files'] === true,
      exclude: values.exclude ?? [],
      allow: (values.allow ?? []) as OverridableRefusal[],
      ...(values['older-than'] !== undefined && { olderThan: values['older-than'] }),
      ...(values['max-share'] !== undefined && { maxShare: shareOf(values['max-share']) }),
      ...(values.prefix !== undefined && { prefix: values.prefix }),
    },
    doctor: {
      ignore: values.ignore ?? [],
      ...(values.sample !== undefined && { sample: sampleOf(values.sample) }),
    },
  };
}

function refuseOthers(command: 'sweep' | 'doctor', given: readonly string[]): void {
  const other = given.find(
    (name) => !COMMON.includes(name) && OF_DOCTOR.includes(name) !== (command === 'doctor'),
  );
  if (other !== undefined) throw new UsageError(`the command "${command}" has no option --${other}`);
}

function sampleOf(text: string): number {
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text);
  throw new UsageError(`--sample is "${text}"; allowed: a number of values such as 1000`);
}

function parsed(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (thrown) {
    throw new UsageError((thrown as Error).message, { cause: thrown });
  }
}

/** `0.6` or `60%`. */
function shareOf(text: string): number {
  const share = text.endsWith('%') ? Number(text.slice(0, -1)) / 100 : Number(text);
  if (text.trim() === '' || !(share >= 0 && share <= 1)) {
    throw new UsageError(`--max-share is "${text}"; allowed: a share such as 0.6 or 60%`);
  }
  return share;
}
