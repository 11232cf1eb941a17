import { isolated } from '../shared/isolated.js';
import type { Scope } from '../usage/scope.js';
import type { Asset, SweepableProvider } from '../providers/provider.js';
import { Derivatives } from './derived-of-kept.js';
import { KeyTable } from './key-table.js';
import type { CheckedSweepOptions } from './sweep-options.js';
import type { PackedAssets } from './packed-assets.js';
import type {
  MissingFile,
  OverridableReason,
  ReadCollection,
  Refusal,
  SweepCounts,
  SweepProgress,
  SweptFile,
  UnclearFile,
  UnreadCollection,
} from './report.js';
import type { Storage } from './storages.js';
import { UsedPlaces } from './used-places.js';

/** How many files of each kind a report has; further ones only go to the listeners. */
const MOST_IN_REPORT = 1000;

/** For files that are kept without a document as the reason. */
export const NOWHERE = {
  model: null,
  database: null,
  collection: null,
  documentId: null,
  field: null,
  value: null,
} as const;

type Counts = { -readonly [Name in keyof SweepCounts]: SweepCounts[Name] };

/** The listed assets of one storage that are old enough, or whose age is not known yet. */
export interface Listed {
  readonly storage: Storage;
  readonly candidates: PackedAssets;
}

/** The state of one sweep, which its stages share. */
export class SweepRun {
  readonly options: CheckedSweepOptions;
  readonly startedAt: Date;
  readonly storages: readonly Storage[];
  readonly scope: Scope;
  /** Every listed asset, marked if a reference leads to it. */
  readonly table = new KeyTable();
  /** The providers of the storages. */
  readonly swept: readonly SweepableProvider[];
  /** Files derived from files that stay. */
  readonly derived: Derivatives;
  /** The folders and kinds of the files that are used. */
  readonly used: UsedPlaces;
  readonly collections: ReadCollection[] = [];
  readonly unread: UnreadCollection[] = [];
  readonly refusals: Refusal[] = [];
  readonly notes: string[] = [];
  readonly files: SweptFile[] = [];
  readonly unclear: UnclearFile[] = [];
  readonly missing: MissingFile[] = [];
  readonly bytes = { orphans: 0, removed: 0 };
  readonly counts: Counts = {
    listed: 0,
    used: 0,
    young: 0,
    excluded: 0,
    protected: 0,
    unclear: 0,
    usedElsewhere: 0,
    unanswered: 0,
    gone: 0,
    orphans: 0,
    removed: 0,
    kept: 0,
    failed: 0,
    missing: 0,
  };
  mode: 'pass' | 'look-ups' = 'pass';
  /** Whether some orphans are still stored, although nothing is known to use them. */
  isIncomplete = false;

  constructor(options: CheckedSweepOptions, storages: readonly Storage[], scope: Scope) {
    this.options = options;
    this.storages = storages;
    this.scope = scope;
    this.swept = [...new Set(storages.flatMap(({ owners }) => owners.map(({ provider }) => provider)))];
    this.derived = new Derivatives(this.swept);
    this.used = new UsedPlaces(storages);
    this.startedAt = options.now();
  }

  /** Time limit of one question: the longest `timeoutMs` of all models. */
  get timeoutMs(): number {
    return Math.max(...this.storages.flatMap(({ owners }) => owners.map(({ options }) => options.timeoutMs)));
  }

  /**
   * Collections with at most this many documents are searched again before a removal: the largest `mentionsUpTo` of all
   * models.
   */
  get mentionsUpTo(): number {
    return Math.max(
      ...this.storages.flatMap(({ owners }) => owners.map(({ options }) => options.mentionsUpTo)),
    );
  }

  get isStopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  isYoung(modifiedAt: Date): boolean {
    // a file of unknown age counts as young
    return !(modifiedAt.getTime() <= this.startedAt.getTime() - this.options.olderThanMs);
  }

  /** Records a refusal or, if it is allowed, a note. */
  refuse(reason: OverridableReason, message: string, error?: Error): void {
    const override = `--allow ${reason}`;
    const note = `${message} (allowed by ${override})`;
    if (!this.options.allow.has(reason))
      this.refusals.push({ reason, message, override, ...(error && { error }) });
    else if (!this.notes.includes(note)) this.notes.push(note);
  }

  progress(progress: SweepProgress): void {
    isolated(() => this.options.onProgress?.(progress));
  }

  collection(collection: ReadCollection): void {
    this.collections.push(collection);
    isolated(() => this.options.onCollection?.(collection));
  }

  file(file: SweptFile): void {
    if (this.files.length < MOST_IN_REPORT) this.files.push(file);
    isolated(() => this.options.onFile?.(file));
  }

  unreadCollection(unread: UnreadCollection): void {
    if (this.unread.length < MOST_IN_REPORT) this.unread.push(unread);
  }

  unclearFile(unclear: UnclearFile): void {
    this.counts.unclear++;
    if (this.unclear.length < MOST_IN_REPORT) this.unclear.push(unclear);
    isolated(() => this.options.onUnclear?.(unclear));
  }

  missingFile(missing: MissingFile): void {
    this.counts.missing++;
    if (this.missing.length < MOST_IN_REPORT) this.missing.push(missing);
    isolated(() => this.options.onMissing?.(missing));
  }
}

export function nameOf(asset: Asset, provider: SweepableProvider): string {
  return provider.nameOf?.(asset) ?? asset.key;
}
