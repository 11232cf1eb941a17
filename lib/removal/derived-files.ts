import type { KeepContext } from '../schema/options.js';
import { removableDerivation } from '../usage/derived/derivation.js';
import { fingerprintsOf, type Fingerprint } from '../usage/fingerprints.js';
import { identityOf, type Reading } from '../usage/reading.js';
import type { DroppedFile } from './candidates.js';
import type { ModelUsage } from './model-usage.js';
import type { Reporter, Why } from './reporter.js';

/** What the model of a write knows. */
export interface Deriving {
  readonly timeoutMs: number;
  readonly reporter: Reporter;
  readonly usage: Pick<ModelUsage, 'defaults' | 'keepRulesOf'>;
}

/** A derived file that was seen while its original was still stored. */
export interface SeenDerived {
  readonly original: DroppedFile;
  readonly reading: Reading;
  readonly fingerprint: Fingerprint;
}

/** A derived file whose original is gone. */
export interface DroppedDerived {
  readonly file: DroppedFile;
  readonly fingerprint: Fingerprint;
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
    if (!originals.some(({ provider }) => provider.derivedOf)) return [];
    const readings = originals.flatMap((original) => this.#derivedFrom(original));
    if (readings.length === 0) return [];
    const fingerprints = await fingerprintsOf(
      readings.map(({ reading }) => reading),
      this.#for.timeoutMs,
    );
    return readings
      .map((one, index) => ({ ...one, fingerprint: fingerprints[index] }))
      .filter(({ fingerprint }) => fingerprint !== null);
  }

  /**
   * The derived files, each once, whose originals are gone. The writes of the originals are not over before these files
   * have an outcome, too.
   */
  droppedWith(gone: () => ReadonlySet<DroppedFile>, seen: readonly SeenDerived[]): readonly DroppedDerived[] {
    if (seen.length === 0) return [];
    const originals = gone();
    const dropped = new Map<string, DroppedDerived>();
    for (const one of seen) {
      const identity = identityOf(one.reading);
      if (!originals.has(one.original) || dropped.has(identity)) continue;
      const file = fileOf(one);
      file.write.journal?.deliver([file]);
      dropped.set(identity, { file, fingerprint: one.fingerprint });
    }
    return [...dropped.values()];
  }

  /** Reports files that a rule keeps, without a question. Returns the others, which are to be asked about. */
  toAsk(dropped: readonly DroppedDerived[]): DroppedFile[] {
    return dropped.flatMap(({ file, fingerprint }) => {
      const why = this.#whyKept(file, fingerprint);
      if (!why) return [file];
      this.#keep(file, why);
      return [];
    });
  }

  #whyKept(file: DroppedFile, fingerprint: Fingerprint): Why | undefined {
    if (fingerprint instanceof Error) return { reason: 'unanswered', error: fingerprint };
    return this.#isProtected(file) ? { reason: 'protected' } : undefined;
  }

  #keep(file: DroppedFile, { reason, error }: Why): void {
    const kept = { outcome: 'kept', reason } as const;
    this.#for.reporter.outcome(file, kept, error);
    file.write.journal?.ended(file, kept);
  }

  /** Whether a rule, or the default of a field, keeps the file or another original of it. */
  #isProtected(file: DroppedFile): boolean {
    const { candidate, write, asset } = file;
    const { usage } = this.#for;
    const rules = usage.keepRulesOf(candidate.source);
    if (usage.defaults.has(file) || usage.defaults.hasOriginalOf(file) || rules.hasOriginalOf(file))
      return true;
    const about: KeepContext = {
      asset,
      field: candidate.source.field?.path ?? null,
      model: write.model.modelName,
      documentId: candidate.documentIds[0] ?? null,
      operation: write.operation,
    };
    return rules.protectsAnyForm(file, about);
  }

  #derivedFrom(original: DroppedFile): { original: DroppedFile; reading: Reading }[] {
    const { provider, derivedFrom } = original;
    if (!provider.derivedOf || derivedFrom) return [];
    const { assets, problem } = removableDerivation(original);
    if (problem) this.#tell(provider, problem);
    return assets.map((asset) => ({ original, reading: { asset, provider } }));
  }

  #tell(provider: Reading['provider'], { message }: Error): void {
    if (this.#told.has(provider)) return;
    this.#told.add(provider);
    this.#for.reporter.warn(`${message}; its derived files are kept (logged once)`);
  }
}

function fileOf({ original, reading, fingerprint }: SeenDerived): DroppedFile {
  const { write, candidate, asset } = original;
  return {
    ...reading,
    write,
    candidate,
    derivedFrom: asset,
    fingerprint: fingerprint instanceof Error ? undefined : fingerprint,
    isMentionedByWrite: false,
    attempts: 0,
  };
}
