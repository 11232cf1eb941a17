import type { KeepContext, KeepRule } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import type { StoredValue } from '../providers/stored-value.js';
import { defaultsOf } from '../schema/model-fields.js';
import { isolated } from '../shared/isolated.js';
import { derivationOf } from './derived/derivation.js';
import { identityOf, readingsOf, type Reading } from './meaning.js';
import type { Scope } from './scope.js';

/** The files that some stored values mean, looked up once. */
export class MeantFiles {
  readonly #readings = new Map<string, Reading>();
  /** Values that no provider knew. They are read again, since a provider may be configured later. */
  #unknown: { readonly value: unknown; readonly providers: readonly StorageProvider[] }[] = [];

  add(value: unknown, providers: readonly StorageProvider[]): void {
    const readings = providers.flatMap((provider) => readingsOf(value, provider));
    if (readings.length === 0) this.#unknown.push({ value, providers });
    for (const reading of readings) this.#readings.set(identityOf(reading), reading);
  }

  has(reading: Reading): boolean {
    this.#readAgain();
    return this.#readings.has(identityOf(reading));
  }

  /** Whether a file is derived from one of these; true if that is not known. */
  hasOriginalOf(reading: Reading): boolean {
    this.#readAgain();
    const identity = identityOf(reading);
    for (const original of this.#readings.values()) {
      const { assets, problem } = derivationOf(original);
      if (problem || assets.some((asset) => identityOf({ ...original, asset }) === identity)) return true;
    }
    return false;
  }

  #readAgain(): void {
    const unknown = this.#unknown;
    this.#unknown = [];
    for (const { value, providers } of unknown) this.add(value, providers);
  }
}

/** Literal schema defaults of every model in the scope: files that new documents start with. */
export function protectedDefaults({ models }: Pick<Scope, 'models'>): MeantFiles {
  const files = new MeantFiles();
  for (const model of models) {
    for (const { value, providers } of defaultsOf(model)) files.add(value, providers);
  }
  return files;
}

/** The `keep` rules of one field. */
export class KeepRules {
  readonly #strings: ReadonlySet<string>;
  readonly #files = new MeantFiles();
  readonly #patterns: readonly RegExp[];
  readonly #functions: readonly Extract<KeepRule, (...args: never[]) => unknown>[];

  constructor(rules: readonly KeepRule[], providers: readonly StorageProvider[]) {
    const strings = rules.filter((rule) => typeof rule === 'string');
    this.#strings = new Set(strings);
    for (const string of strings) this.#files.add(string, providers);
    // with `g` or `y`, an expression continues after its last match, so that the same file would match only every other
    // time
    this.#patterns = rules
      .filter((rule) => rule instanceof RegExp)
      .map((rule) => new RegExp(rule.source, rule.flags.replace(/[gy]/g, '')));
    this.#functions = rules.filter((rule) => typeof rule === 'function');
  }

  /** Whether a string or a pattern names the value itself, whether a provider knows it or not. */
  names(value: unknown): boolean {
    return this.#strings.has(value as string) || this.#matches(value);
  }

  #matches(value: unknown): boolean {
    return typeof value === 'string' && this.#patterns.some((pattern) => pattern.test(value));
  }

  /** Whether a file is derived from one that a string names. */
  hasOriginalOf(reading: Reading): boolean {
    return this.#files.hasOriginalOf(reading);
  }

  /** A rule that throws keeps the file. */
  protects(reading: Reading, value: unknown, about: KeepContext): boolean {
    try {
      return (
        this.names(value) ||
        this.#files.has(reading) ||
        (this.#patterns.length > 0 && formsOf(reading).some((form) => this.#matches(form))) ||
        this.#functions.some((rule) => {
          const answer = rule(value, about);
          isolated(() => answer);
          return answer !== false;
        })
      );
    } catch {
      return true;
    }
  }

  /** Like `protects`, if no single value is meant: functions get every form in which the file may be stored. */
  protectsAnyForm(reading: Reading, about: KeepContext): boolean {
    const forms = formsOf(reading);
    const values = this.#functions.length > 0 ? forms : forms.slice(0, 1);
    return values.some((value) => this.protects(reading, value, about));
  }
}

function formsOf({ asset, provider }: Reading): readonly StoredValue[] {
  const { equal, objects = {} } = provider.forms(asset);
  return [...equal, ...Object.values(objects).flat()];
}
