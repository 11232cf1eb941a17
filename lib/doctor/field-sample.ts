import type { KeptReason } from '../providers/provider.js';
import { causeOf } from '../removal/unknown-values.js';
import { labelOf } from '../sweep/storages.js';
import type { Tracked } from '../schema/model-fields.js';
import { fingerprintsOf, type Fingerprint } from '../usage/fingerprints.js';
import { KeepRules } from '../usage/keep-rules.js';
import { meaningOf, type Reading } from '../usage/meaning.js';
import { shownExample } from './example.js';
import type { Finding, ValueCounts } from './report.js';

type Counts = { -readonly [Name in keyof ValueCounts]: number };

/** The reasons that are findings, and the default advice. */
const REFUSED = {
  notOurs: {
    what: 'are not known to any provider of the field',
    advice:
      "correct the provider's options (baseUrl, hosts, the cloud), or list addresses of other sites with a pattern in keep",
  },
  unsafe: { what: 'point outside of the storage', advice: 'find out where these values come from' },
  notCanonical: {
    what: 'have a spelling that is never removed',
    advice: 'store one of the accepted spellings',
  },
  ambiguous: {
    what: 'could mean several stored files, so none of these is removed',
    advice: 'store them in a form that means one file, such as a whole path or URL',
  },
} as const;

type Refused = keyof typeof REFUSED;

const BY_REASON: Partial<Record<KeptReason, Refused>> = {
  unsafe: 'unsafe',
  'not canonical': 'notCanonical',
  ambiguous: 'ambiguous',
};

/** The storage is doubted if at least this many files of a field are missing, and none is stored. */
const MANY_MISSING = 3;
const EXAMPLES = 3;
const BATCH = 200;

/** The sampled values of one field, and what each of them is. */
export class FieldSample {
  readonly counts: Counts = {
    owned: 0,
    missing: 0,
    protected: 0,
    notOurs: 0,
    unsafe: 0,
    notCanonical: 0,
    ambiguous: 0,
    unanswered: 0,
  };
  /** What the values mean to a provider. */
  readonly readings: Reading[] = [];
  readonly #about: string;
  readonly #tracked: Tracked;
  readonly #rules: KeepRules;
  readonly #examples = new Map<string, unknown[]>();

  constructor(about: string, tracked: Tracked) {
    this.#about = about;
    this.#tracked = tracked;
    this.#rules = new KeepRules(tracked.keep, tracked.providers);
  }

  async read(values: readonly unknown[], timeoutMs: number): Promise<void> {
    for (let at = 0; at < values.length; at += BATCH) {
      await this.#readBatch(values.slice(at, at + BATCH), timeoutMs);
    }
  }

  findings(): Finding[] {
    const refused = (Object.keys(REFUSED) as Refused[]).filter((name) => this.counts[name] > 0);
    return [...refused.map((name) => this.#refusal(name)), ...this.#nothingThere()];
  }

  async #readBatch(values: readonly unknown[], timeoutMs: number): Promise<void> {
    const open: { value: unknown; readings: readonly Reading[] }[] = [];
    for (const value of values) {
      const meaning = meaningOf(value, this.#tracked.providers);
      if ('refusal' in meaning) this.#noteRefusal(value, meaning.refusal);
      else open.push({ value, readings: 'certain' in meaning ? [meaning.certain] : meaning.oneOf });
    }
    const readings = open.flatMap((one) => one.readings);
    const fingerprints = await fingerprintsOf(readings, timeoutMs);
    let next = 0;
    for (const one of open) {
      const its = fingerprints.slice(next, (next += one.readings.length));
      this.#noteReadings(one.value, one.readings, its);
    }
  }

  #noteRefusal(value: unknown, reason: KeptReason): void {
    if (this.#rules.names(value)) this.counts.protected++;
    else this.#note(BY_REASON[reason] ?? 'notOurs', value);
  }

  #noteReadings(value: unknown, readings: readonly Reading[], prints: readonly Fingerprint[]): void {
    this.readings.push(...readings);
    const stored = prints.filter((one) => typeof one === 'string').length;
    if (prints.some((one) => one instanceof Error)) this.#note('unanswered', value);
    else if (stored > 1) this.#note('ambiguous', value);
    else if (stored === 1 || prints.includes(undefined)) this.#note('owned', value);
    else this.#note('missing', value);
  }

  #note(what: keyof Counts, value: unknown): void {
    this.counts[what]++;
    const examples = this.#examples.get(what) ?? [];
    this.#examples.set(what, examples);
    if (examples.length < EXAMPLES) examples.push(value);
  }

  #refusal(name: Refused): Finding {
    const { what, advice } = REFUSED[name];
    const values = this.#examples.get(name) ?? [];
    const cause = causeOf(values[0], this.#tracked.providers);
    const count = this.counts[name];
    return {
      kind: 'unknown-values',
      about: this.#about,
      message:
        `${String(count)} of ${String(this.#total)} sampled values ${what}` +
        (cause === undefined ? '' : `; the likely cause: ${cause}`),
      advice,
      count,
      examples: this.#shown(values),
    };
  }

  #nothingThere(): Finding[] {
    const { missing, owned } = this.counts;
    // many values in a text may be links to pages
    if (missing < MANY_MISSING || owned > 0 || this.#tracked.field.text) return [];
    const names = [...new Set(this.#tracked.providers.map(labelOf))];
    return [
      {
        kind: 'nothing-there',
        about: this.#about,
        message: `none of the ${String(missing)} sampled files is in its storage (${names.join(', ')})`,
        advice: 'check that uploads go to this storage, on this machine, and that the database belongs to it',
        count: missing,
        examples: this.#shown(this.#examples.get('missing') ?? []),
      },
    ];
  }

  get #total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count, 0);
  }

  #shown(values: readonly unknown[]): string[] {
    return values.map((value) => shownExample(value, this.#tracked.providers));
  }
}
