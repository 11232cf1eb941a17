import type { KeptReason } from '../providers/provider.js';
import { fingerprintsOf, isSeenAtOnce, type Fingerprint } from '../usage/fingerprints.js';
import type { MeantFiles } from '../usage/keep-rules.js';
import { identityOf, meaningOf, readingsIn, type Reading } from '../usage/meaning.js';
import { inBatches } from '../shared/groups.js';
import { asError } from '../shared/time-limit.js';
import {
  keepContextOf,
  addDocuments,
  isFromText,
  type Candidate,
  type Dropped,
  type DroppedFile,
  type WriteFacts,
} from './candidates.js';
import type { Reporter } from './reporter.js';
import { looksLikeHtml } from './unknown-values.js';
import type { ModelUsage } from './model-usage.js';
import { isOtherNameOf, namesWritten, noteMentions, type Written } from './names-written.js';

/** What the model of a write knows. */
export interface Preparing extends Written {
  readonly reporter: Reporter;
  readonly isClosed: boolean;
  /** Whether the removal waits for a commit. */
  readonly mustWait: boolean;
  readonly usage: Pick<ModelUsage, 'providers' | 'defaults' | 'keepRulesOf'>;
}

const BATCH = 500;

/** Reasons for which a value from a text is ignored: it does not mean a known file. */
const UNKNOWN = new Set<KeptReason>(['not ours', 'not canonical', 'unsafe']);

/** Reasons for which a provider refuses a text that it reads as an unusual file name. */
const MISREAD = new Set<KeptReason>(['not canonical', 'unsafe']);

/**
 * Turns candidates into dropped files: identifies them, applies the rules, and records their content. All of this
 * happens when the write was acknowledged, since files may be written anew while a removal waits. Files that are kept
 * are reported.
 */
export async function prepareFiles(dropped: Dropped, preparing: Preparing): Promise<DroppedFile[]> {
  try {
    return await new Preparation(dropped, preparing).files();
  } catch (thrown) {
    preparing.reporter.allKept(dropped, { reason: 'unanswered', error: asError(thrown) });
    dropped.write.journal?.leave();
    return [];
  }
}

/** A candidate, and the files that it may mean: one, or one of several. */
interface Meant {
  readonly candidate: Candidate;
  readonly readings: readonly Reading[];
  /** The file that is meant if none of several is stored. */
  readonly likely: Reading | undefined;
}

class Preparation {
  readonly #dropped: Dropped;
  readonly #write: WriteFacts;
  readonly #for: Preparing;
  readonly #defaults: MeantFiles;
  /** By identity, the candidate that came first. */
  readonly #seen = new Map<string, Candidate>();

  constructor(dropped: Dropped, preparing: Preparing) {
    this.#dropped = dropped;
    this.#write = dropped.write;
    this.#for = preparing;
    this.#defaults = preparing.usage.defaults;
  }

  async files(): Promise<DroppedFile[]> {
    const files: DroppedFile[] = [];
    const names = await namesWritten(this.#for);
    for (const batch of inBatches(this.#dropped.values(), BATCH)) {
      const meant = batch.flatMap((candidate) => this.#meant(candidate) ?? []);
      const prepared = await this.#withFingerprints(meant);
      await noteMentions(prepared, this.#for);
      for (const file of prepared) {
        if (isOtherNameOf(file, names)) this.#for.reporter.filesKept([file], 'changed');
        else files.push(file);
      }
    }
    return files;
  }

  /** Returns `undefined` if the value belongs to no provider. */
  #meant(candidate: Candidate): Meant | undefined {
    const meaning = meaningOf(candidate.value, candidate.source.providers);
    if ('refusal' in meaning) return this.#refuse(candidate, meaning.refusal);
    const likely = 'certain' in meaning ? meaning.certain : meaning.likely;
    return { candidate, readings: readingsIn(meaning), likely };
  }

  async #withFingerprints(meant: readonly Meant[]): Promise<DroppedFile[]> {
    const isAmbiguous = ({ readings }: Meant): boolean => readings.length > 1;
    const open = meant.filter((one) => isAmbiguous(one) || !this.#isDecided(one.candidate, one.readings[0]!));
    const unseen = open.filter(({ candidate }) => !candidate.seen);
    const doubtful = unseen.filter((one) => isAmbiguous(one) || isFromText(one.candidate));
    const toSee = new Set(doubtful.flatMap((one) => one.readings));
    const isWanted = (one: Reading): boolean => this.#for.mustWait || toSee.has(one) || isSeenAtOnce(one);
    const readings = unseen.flatMap((one) => one.readings);
    const fingerprints = await fingerprintsOf(readings, this.#for.timeoutMs, isWanted);
    let next = 0;
    return open.flatMap((one) => {
      const its = one.candidate.seen ?? fingerprints.slice(next, (next += one.readings.length));
      return this.#chosen(one, its) ?? [];
    });
  }

  /** Of several files that a value could mean, the one that is stored. If several are stored, none may be removed. */
  #chosen(
    { candidate, readings, likely }: Meant,
    fingerprints: readonly Fingerprint[],
  ): DroppedFile | undefined {
    const failure = fingerprints.find((one) => one instanceof Error);
    if (failure) {
      this.#write.journal?.undecided(readings);
      return this.#refuse(candidate, 'unanswered', failure);
    }
    const stored = readings.filter((_, index) => typeof fingerprints[index] === 'string');
    const reading = readings.length === 1 ? readings[0] : stored.length === 1 ? stored[0] : likely;
    if (stored.length > 1 || !reading) return this.#refuse(candidate, 'ambiguous');
    if (readings.length > 1 && this.#isDecided(candidate, reading)) return undefined;
    // the likely file may be another object than the reading of the same file
    const at = readings.findIndex((one) => identityOf(one) === identityOf(reading));
    const fingerprint = fingerprints[at] as DroppedFile['fingerprint'];
    // a link to a page, or a word that could be the name of a file
    if (fingerprint === null && isFromText(candidate)) return undefined;
    // a text that could be the name of a file, but is not
    if (fingerprint === null && looksLikeHtml(candidate.value)) return this.#refuse(candidate, 'not ours');
    return fileOf(candidate, reading, { fingerprint, write: this.#write });
  }

  /** Whether the file was seen before in another form, or is kept by a rule. */
  #isDecided(candidate: Candidate, reading: Reading): boolean {
    const identity = identityOf(reading);
    const first = this.#seen.get(identity);
    if (first) {
      addDocuments(first, candidate.documentIds);
      return true;
    }
    this.#seen.set(identity, candidate);
    if (this.#for.isClosed) {
      this.#write.journal?.undecided([reading]);
      this.#refuse(candidate, 'closed');
    } else if (this.#isProtected(candidate, reading)) this.#refuse(candidate, 'protected');
    else return false;
    return true;
  }

  #isProtected(candidate: Candidate, reading: Reading): boolean {
    if (this.#defaults.has(reading)) return true;
    const about = keepContextOf(reading.asset, candidate, this.#write);
    return this.#for.usage.keepRulesOf(candidate.source).protects(reading, candidate.value, about);
  }

  /**
   * It is not known yet whether a guess is in use, so it is reported only if it is kept by something other than a
   * rule.
   */
  #refuse(candidate: Candidate, reason: KeptReason, error?: Error): undefined {
    const { value, source, isGuess } = candidate;
    const { reporter, usage } = this.#for;
    if (isGuess && (reason === 'not ours' || reason === 'protected')) return;
    if (isFromText(candidate) && UNKNOWN.has(reason)) return;
    reporter.kept(candidate, this.#write.operation, { reason, error });
    const isUnknown = reason === 'not ours' || (MISREAD.has(reason) && looksLikeHtml(value));
    // an address that a keep rule names belongs to another site
    if (!isUnknown || isGuess || usage.keepRulesOf(source).names(value)) return;
    reporter.unknown.note(this.#write.model.modelName, candidate);
  }
}

/** Written out: a copy with `...` takes four times the time and memory, and a large write has one for every file. */
function fileOf(
  candidate: Candidate,
  { asset, provider }: Reading,
  { fingerprint, write }: Pick<DroppedFile, 'fingerprint' | 'write'>,
): DroppedFile {
  return { asset, provider, write, candidate, fingerprint, isMentionedByWrite: false, attempts: 0 };
}
