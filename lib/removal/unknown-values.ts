import type { StorageProvider } from '../providers/provider.js';
import { masked } from '../providers/masked.js';
import type { Candidate } from './candidates.js';

/** Values of one field that no provider knew. */
export interface UnknownValues {
  /** The tracked path; `null` for values of `removeUnused`. */
  readonly field: string | null;
  /** Number of these values. */
  readonly count: number;
  /** The first of these values, masked and shortened. */
  readonly example: string;
}

/** The counts at which a message is logged: the first value, and the 100th. */
const TELL_AT = [1, 100];
const LONGEST_EXAMPLE = 100;

/** Counts the values that no provider of their field knows, and logs the likely cause. */
export class UnknownValueCounter {
  readonly #byField = new Map<string | null, { count: number; example: string }>();
  readonly #warn: (message: string) => void;

  constructor(warn: (message: string) => void) {
    this.#warn = warn;
  }

  note(model: string, { value, source }: Candidate): void {
    const field = source.field?.path ?? null;
    const example = exampleOf(masked(value, source.providers));
    const known = this.#byField.get(field) ?? { count: 0, example };
    known.count++;
    this.#byField.set(field, known);
    if (!TELL_AT.includes(known.count)) return;
    const values =
      known.count === 1 ? 'holds a value' : `has held ${String(known.count)} values (the first is shown)`;
    const where =
      field === null ? `removeUnused of "${model}" was given a value` : `"${model}.${field}" ${values}`;
    const cause = causeOf(value, source.providers);
    this.#warn(
      `${where} that no provider knows, so nothing is removed for it: ` +
        `${known.example}${cause === undefined ? '' : `; ${cause}`}`,
    );
  }

  all(): UnknownValues[] {
    return [...this.#byField].map(([field, { count, example }]) => ({ field, count, example }));
  }
}

/** Whether a value looks like HTML. Some providers would read such a text as an unusual file name. */
export function looksLikeHtml(value: unknown): boolean {
  return typeof value === 'string' && /<[a-z][^<>]*>/i.test(value);
}

/** The likely reason why no provider knows a value, in words; `undefined` if it is not known. */
export function causeOf(value: unknown, providers: readonly StorageProvider[]): string | undefined {
  if (looksLikeHtml(value)) {
    return "this looks like HTML, but a field holds one file; name a text with images as { path, in: 'html' }, or list it in `references` with mentions: true";
  }
  for (const provider of providers) {
    const hint = safely(() => provider.hint?.(value));
    if (typeof hint === 'string') return hint;
  }
  return undefined;
}

/** A value as one short text. */
export function exampleOf(value: unknown): string {
  const text = safely(() => (typeof value === 'string' ? value : JSON.stringify(value))) ?? typeof value;
  return text.length > LONGEST_EXAMPLE ? `${text.slice(0, LONGEST_EXAMPLE)}…` : text;
}

function safely<T>(act: () => T): T | undefined {
  try {
    return act();
  } catch {
    return undefined;
  }
}
