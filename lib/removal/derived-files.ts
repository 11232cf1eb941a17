import { removableDerivation } from '../usage/derived/derivation.js';
import { fingerprintsOf } from '../usage/fingerprints.js';
import { identityOf, type Reading } from '../usage/meaning.js';
import { keepContextOf, type DroppedFile } from './candidates.js';
import type { ModelUsage } from './model-usage.js';
import type { Reporter } from './reporter.js';

/** What the model of a write knows. */
export interface Deriving {
  readonly timeoutMs: number;
  readonly reporter: Reporter;
  readonly usage: Pick<ModelUsage, 'defaults' | 'keepRulesOf'>;
}

/** A derived file that was seen while its original was still stored. */
export interface SeenDerived {
  readonly original: DroppedFile;
  readonly file: DroppedFile;
  /** Set if it is not known what is stored. */
  readonly problem?: Error;
}

/** Finds derived files to remove. Logs once why no derived file of a storage is removed. */
export class DerivedFiles {
  readonly #for: Deriving;
  readonly #told = new WeakSet<Reading['provider']>();

  constructor(deriving: Deriving) {
    this.#for = deriving;
  }

  /**
   * Looks at the stored derived files of these files before their removal. Files that are written under these names
   * later belong to another upload. Never rejects.
   */
  async seenOf(originals: readonly DroppedFile[]): Promise<readonly SeenDerived[]> {
    const derived = originals.flatMap((original) => this.#derivedFrom(original));
    const fingerprints = await fingerprintsOf(
      derived.map(({ file }) => file),
      this.#for.timeoutMs,
    );
    return derived.flatMap((one, index) => {
      const fingerprint = fingerprints[index];
      if (fingerprint === null) return [];
      if (fingerprint instanceof Error) return [{ ...one, problem: fingerprint }];
      one.file.fingerprint = fingerprint;
      return [one];
    });
  }

  /**
   * The derived files, each once, whose originals are gone. The writes of the originals are not over before these files
   * have an outcome, too.
   */
  droppedWith(gone: () => ReadonlySet<DroppedFile>, seen: readonly SeenDerived[]): readonly SeenDerived[] {
    if (seen.length === 0) return [];
    const originals = gone();
    const dropped = new Map<string, SeenDerived>();
    for (const one of seen) {
      const identity = identityOf(one.file);
      if (!originals.has(one.original) || dropped.has(identity)) continue;
      one.file.write.journal?.deliver([one.file]);
      dropped.set(identity, one);
    }
    return [...dropped.values()];
  }

  /** Reports files that a rule keeps, without a question. Returns the others, which are to be asked about. */
  toAsk(dropped: readonly SeenDerived[]): DroppedFile[] {
    return dropped.filter((one) => !this.#isKept(one)).map(({ file }) => file);
  }

  #isKept({ file, problem }: SeenDerived): boolean {
    const reason = problem ? 'unanswered' : this.#isProtected(file) ? 'protected' : undefined;
    if (!reason) return false;
    this.#for.reporter.outcome(file, { outcome: 'kept', reason }, problem);
    return true;
  }

  /** Whether a rule, or the default of a field, keeps the file or another original of it. */
  #isProtected(file: DroppedFile): boolean {
    const { candidate, write, asset } = file;
    const { usage } = this.#for;
    const rules = usage.keepRulesOf(candidate.source);
    if (usage.defaults.has(file) || usage.defaults.hasOriginalOf(file) || rules.hasOriginalOf(file))
      return true;
    return rules.protectsAnyForm(file, keepContextOf(asset, candidate, write));
  }

  #derivedFrom(original: DroppedFile): SeenDerived[] {
    const { asset, provider, write, candidate, derivedFrom } = original;
    if (!provider.derivedOf || derivedFrom) return [];
    const { assets, problem } = removableDerivation(original);
    if (problem) this.#tell(provider, problem);
    const facts = { provider, write, candidate, derivedFrom: asset, isMentionedByWrite: false, attempts: 0 };
    return assets.map((one) => ({ original, file: { ...facts, asset: one, fingerprint: undefined } }));
  }

  #tell(provider: Reading['provider'], { message }: Error): void {
    if (this.#told.has(provider)) return;
    this.#told.add(provider);
    this.#for.reporter.warn(`${message}; its derived files are kept (logged once)`);
  }
}
