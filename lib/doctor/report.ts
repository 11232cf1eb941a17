/** What a finding is about. */
export type FindingKind =
  /** A plugin call that never acts: after the model was compiled, on a schema of sub-documents alone, on a discriminator alone. */
  | 'plugin-without-effect'
  /** No index serves the "still used?" question. */
  | 'missing-index'
  /** A folder that is not there or may not be written, a cloud that is not configured or does not answer. */
  | 'unusable-storage'
  /** None of the files that a field names is in its storage: another machine's disk, a wrong folder. */
  | 'nothing-there'
  /** Stored values that no provider of their field takes for a file that it may remove. */
  | 'unknown-values'
  /** Values elsewhere that look like files and are not asked: a model without the plugin, a field that is not tracked. */
  | 'out-of-scope'
  /** Models over one storage whose options differ. */
  | 'differing-options'
  /** A model asks only its own documents, and its storage has files of others. */
  | 'narrow-references'
  /** A string in `keep` that names no file, and so protects nothing. */
  | 'useless-keep'
  /** A kind of file in a storage that no document names. */
  | 'unnamed-kind'
  /** A folder in a storage of which no document names a file. */
  | 'unnamed-folder'
  /** Removals of the journal that have been due for more than a day: no worker runs. */
  | 'no-worker'
  /** The question was not answered in time, or failed: files are kept then. */
  | 'unanswered';

/** Something that deserves a change. */
export interface Finding {
  readonly kind: FindingKind;
  /** A model, one of its fields (`Album.image`), or a storage (`local /srv/app/uploads`). */
  readonly about: string;
  /** What was found, in a sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** Values or files. Absent where nothing is counted. */
  readonly count?: number;
  /** The first few of them, masked and shortened. */
  readonly examples?: readonly string[];
}

/** What the sampled values of a field are, by reason. */
export interface ValueCounts {
  /** A provider may remove what they mean, and it is stored. Also where the provider cannot tell whether it is. */
  readonly owned: number;
  /** The same, but nothing is stored there. */
  readonly missing: number;
  /** No provider knows them, and a pattern in `keep` says that this is meant. */
  readonly protected: number;
  readonly notOurs: number;
  readonly unsafe: number;
  readonly notCanonical: number;
  /** They could mean several files that are all stored. */
  readonly ambiguous: number;
  /** The storage did not say whether they are stored. */
  readonly unanswered: number;
}

/** One tracked field. */
export interface ExaminedField {
  readonly field: string;
  /** The names of its providers. */
  readonly providers: readonly string[];
  /** Values that were looked at. */
  readonly sampled: number;
  readonly counts: ValueCounts;
}

/** One model with the plugin. */
export interface ExaminedModel {
  readonly model: string;
  readonly database: string;
  readonly collection: string;
  /** By the collection's own metadata; `null` where that cannot be read. */
  readonly documents: number | null;
  readonly fields: readonly ExaminedField[];
  /** What one removal costs; `null` where it was not measured. */
  readonly cost: RemovalCost | null;
}

/** What the look-up before and the question after a write cost, measured with a file that does not exist. */
export interface RemovalCost {
  /** Commands to MongoDB; `null` where the connection has no command monitoring (`monitorCommands: true`). */
  readonly commands: number | null;
  readonly ms: number;
  /** Collections that are asked. */
  readonly collections: readonly string[];
}

/** One folder or cloud. */
export interface ExaminedStorage {
  /** Such as `local /srv/app/uploads`. */
  readonly storage: string;
  readonly models: readonly string[];
  /** What is wrong with it; `null`: nothing, or it cannot tell. */
  readonly problem: string | null;
  /** Files that were listed; `null` where it was not listed. */
  readonly files: number | null;
  /** There are more files than that. */
  readonly isPartial: boolean;
}

/** What the doctor found. */
export interface DoctorReport {
  readonly status: 'nothing to do' | 'findings';
  readonly startedAt: Date;
  readonly durationMs: number;
  readonly models: readonly ExaminedModel[];
  readonly storages: readonly ExaminedStorage[];
  readonly findings: readonly Finding[];
  /** What is worth knowing and needs no change, and what could not be looked at. */
  readonly notes: readonly string[];
}
