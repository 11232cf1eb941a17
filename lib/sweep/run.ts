import { isolated } from '../shared/isolated.js';
import type { Scope } from '../usage/scope.js';
import type { Asset, SweepableProvider } from '../providers/provider.js';
import { Derivatives } from './derivatives.js';
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

/** Files, missing files and the like that a report holds; beyond that they only go to the listeners. */
const MOST_IN_REPORT = 1000;

/** Where no document is the reason. */
export const NOWHERE = {
  model: null,
  database: null,
  collection: null,
  documentId: null,
  field: null,
  value: null,
} as const;

type Counts = { -readonly [Name in keyof SweepCounts]: SweepCounts[Name] };

/** What was listed of one storage: the assets that are old enough, or whose age is not known yet. */
export interface Listed {
  readonly storage: Storage;
  readonly candidates: PackedAssets;
}

/** One sweep under way: what its stages share. */
export class SweepRun {
  readonly options: CheckedSweepOptions;
  readonly startedAt: Date;
  readonly storages: readonly Storage[];
  readonly scope: Scope;
  /** Every asset listed, marked once a reference leads to it. */
  readonly table = new KeyTable();
  /** Providers of the storages. */
  readonly swept: readonly SweepableProvider[];
  /** What is made from files that stay. */
  readonly derived: Derivatives;
  /** Where the files lie that are used. */
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
  /** Some orphans are still there though nobody uses them, as far as is known. */
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

  /** How long one question may take: the longest that a model allows. */
  get timeoutMs(): number {
    return Math.max(...this.storages.flatMap(({ owners }) => owners.map(({ options }) => options.timeoutMs)));
  }

  /** Collections of at most so many documents are searched again before a removal: the most that a model says. */
  get mentionsUpTo(): number {
    return Math.max(
      ...this.storages.flatMap(({ owners }) => owners.map(({ options }) => options.mentionsUpTo)),
    );
  }

  get isStopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  isYoung(modifiedAt: Date): boolean {
    // an unknown time is no age at all
    return !(modifiedAt.getTime() <= this.startedAt.getTime() - this.options.olderThanMs);
  }

  /** Refuses, unless it is allowed; then it is only noted. */
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
