import { withoutSecrets } from './without-secrets.js';

/** The allowed values of an option: as code, and as words for the error. */
export interface Rule {
  readonly allowed: string;
  readonly is: (value: unknown) => boolean;
  /** What to do; default: correct the option, or leave it out. */
  readonly advice?: string;
  /**
   * Set if a given `undefined`, as of a misspelled property, is an error because the default has a wide effect. Ends the
   * message.
   */
  readonly ifUndefined?: string;
  /** Whether the option is required. */
  readonly isRequired?: boolean;
}

/** A rule for each option. */
export type Rules<Options> = Readonly<Record<keyof Options & string, Rule>>;

/** What is wrong with one option. */
interface Wrong {
  /** The function that the app calls. */
  readonly owner: string;
  readonly name: string;
  readonly given: unknown;
  /** Says what is wrong, behind a comma, if the allowed values do not make it clear. */
  readonly because?: string | undefined;
  readonly allowed: string;
  readonly advice?: string | undefined;
}

/**
 * `owner` is the function that the app calls; for nested options, it includes the name of the option: `imageCleanup:
 * retry`.
 *
 * @throws TypeError if the options are not an object, if an option is unknown, or if a value is wrong.
 */
export function checkOptions(owner: string, given: unknown, rules: Readonly<Record<string, Rule>>): void {
  const [whose = '', within] = owner.split(': ');
  const prefix = within === undefined ? '' : `${within}.`;
  if (!isPlainObject(given)) {
    throw new TypeError(`${owner}: the options are ${shown(given)}; allowed: an object with options`);
  }
  refuseUnknown(
    `${whose}: unknown ${within === undefined ? '' : `${within} `}option`,
    given,
    Object.keys(rules),
  );
  for (const [name, rule] of Object.entries(rules)) {
    const { is, allowed, ifUndefined, isRequired = false } = rule;
    const advice = rule.advice ?? (isRequired ? 'correct it' : undefined);
    const value = given[name];
    if (ifUndefined !== undefined && value === undefined && Object.hasOwn(given, name)) {
      throw new TypeError(`${whose}: the option "${prefix}${name}" is given but undefined${ifUndefined}`);
    }
    if ((value !== undefined || isRequired) && !is(value)) {
      refuse({ owner: whose, name: prefix + name, given: value, allowed, advice });
    }
  }
}

/** @throws TypeError that names the option, what was given, what is allowed and what to do. */
export function refuse({ owner, name, given, because, allowed, advice }: Wrong): never {
  const wrong = because === undefined ? shown(given) : `${shown(given)}, ${because}`;
  const todo = advice ?? 'correct it, or leave it out for the default';
  throw new TypeError(`${owner}: the option "${name}" is ${wrong}; allowed: ${allowed}; ${todo}`);
}

/** @throws TypeError that names the unknown option, the known ones and the most similar one. `what` begins the message. */
export function refuseUnknown(what: string, given: object, known: readonly string[]): void {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown === undefined) return;
  const meant = known.find((name) => areAlike(name.toLowerCase(), unknown.toLowerCase()));
  const advice = meant === undefined ? 'take it out' : `write "${meant}"`;
  throw new TypeError(`${what} "${unknown}"; known: ${known.join(', ')}; ${advice}`);
}

/** Ends the message for an option that is often read from an environment variable. */
export function unlessUnset(advice: string): string {
  return `, as with an unset environment variable; set the variable, or ${advice}`;
}

export const FLAG: Rule = { allowed: 'true or false', is: (value) => typeof value === 'boolean' };
export const FUNCTION: Rule = { allowed: 'a function', is: (value) => typeof value === 'function' };
export const SIGNAL: Rule = { allowed: 'an AbortSignal', is: (value) => value instanceof AbortSignal };
export const TEXT: Rule = { allowed: 'a string that is not empty', is: isText };
export const POSITIVE: Rule = {
  allowed: 'a finite number of at least 1',
  is: (value) => typeof value === 'number' && Number.isFinite(value) && value >= 1,
};
/** For options that are checked elsewhere, or do not belong to this library. */
export const ANYTHING: Rule = { allowed: 'anything', is: () => true };

export function oneOf(...allowed: string[]): Rule {
  return {
    allowed: allowed.map((one) => `'${one}'`).join(', '),
    is: (value) => allowed.includes(value as string),
  };
}

export function integer(from: number, to = Number.MAX_SAFE_INTEGER): Rule {
  const range =
    to === Number.MAX_SAFE_INTEGER ? `of at least ${String(from)}` : `from ${String(from)} to ${String(to)}`;
  return {
    allowed: `a whole number ${range}`,
    is: (value) => Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to,
  };
}

export function isPlainObject(one: unknown): one is Record<string, unknown> {
  return typeof one === 'object' && one !== null && !Array.isArray(one);
}

export function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

export function isListOf(is: (one: unknown) => boolean): (value: unknown) => boolean {
  return (value) => Array.isArray(value) && value.every(is);
}

function areAlike(one: string, other: string): boolean {
  return (
    one.startsWith(other) ||
    other.startsWith(one) ||
    [...one].sort().join() === [...other].sort().join() ||
    isOneLetterOff(one, other)
  );
}

/** Whether the words differ by one letter that is added, missing or different. */
function isOneLetterOff(one: string, other: string): boolean {
  const [short, long] = one.length < other.length ? [one, other] : [other, one];
  if (short.length < 3 || long.length - short.length > 1) return false;
  let same = 0;
  while (same < short.length && short[same] === long[same]) same++;
  return short.slice(short.length === long.length ? same + 1 : same) === long.slice(same + 1);
}

/** Describes a value in an error, without the content of objects and without credentials. */
export function shown(given: unknown): string {
  if (typeof given === 'string') return `'${withoutSecrets(given).slice(0, 60)}'`;
  if (given instanceof Promise) return 'a promise';
  if (typeof given === 'function') return 'a function';
  if (Array.isArray(given)) return given.length === 0 ? 'an empty array' : 'an array with other content';
  return typeof given === 'object' && given !== null ? 'an object' : String(given);
}
