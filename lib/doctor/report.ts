/** The subject of a finding. */
export type FindingKind =
  /**
   * A plugin call has no effect: it came after the model was compiled, or is on a schema of sub-documents or a
   * discriminator alone.
   */
  | 'plugin-without-effect'
  /** No index serves the "still used?" question. */
  | 'missing-index'
  /** A folder does not exist or is not writable, or a cloud is not configured or does not answer. */
  | 'unusable-storage'
  /** None of the files that a field names is in its storage, for example on another machine's disk or in another folder. */
  | 'nothing-there'
  /** Stored values that no provider of their field knows as a file that it may remove. */
  | 'unknown-values'
  /**
   * Values that look like files at a place that is not asked: a model without the plugin, or a field that is not
   * tracked.
   */
  | 'out-of-scope'
  /** Models with the same storage have different options. */
  | 'differing-options'
  /** A model asks only its own documents, but its storage has files of other models. */
  | 'narrow-references'
  /** A string in `keep` names no file, and so protects nothing. */
  | 'useless-keep'
  /** A storage has files of a kind that no document names. */
  | 'unnamed-kind'
  /** A storage has a folder in which no document names a file. */
  | 'unnamed-folder'
  /** Removals in the journal have been due for more than a day, so no worker runs. */
  | 'no-worker'
  /** The question whether a file is used failed or took too long; files are kept in this case. */
  | 'unanswered';

/** Something that needs a change. */
export interface Finding {
  /** The subject of the finding. */
  readonly kind: FindingKind;
  /** A model, one of its fields (`Album.image`), or a storage (`local /srv/app/uploads`). */
  readonly about: string;
  /** What was found, in a sentence. */
  readonly message: string;
  /** What to do about it. */
  readonly advice: string;
  /** Number of values or files; absent if nothing is counted. */
  readonly count?: number;
  /** The first few values or files, masked and shortened. */
  readonly examples?: readonly string[];
}

/** The sampled values of a field, counted by what they are. */
export interface ValueCounts {
  /** A provider may remove the file, and it is stored or the provider cannot tell whether it is. */
  readonly owned: number;
  /** A provider may remove the file, but it is not stored. */
  readonly missing: number;
  /** No provider knows the value, and a pattern in `keep` matches it. */
  readonly protected: number;
  /** No provider knows the value. */
  readonly notOurs: number;
  /** The value points outside of the storage, or to something that is not a regular file. */
  readonly unsafe: number;
  /** The value has a spelling that is never removed. */
  readonly notCanonical: number;
  /** The value could mean several files, and more than one of them is stored. */
  readonly ambiguous: number;
  /** The storage did not say whether the file is stored. */
  readonly unanswered: number;
}

/** One tracked field. */
export interface ExaminedField {
  /** The tracked path. */
  readonly field: string;
  /** The names of its providers. */
  readonly providers: readonly string[];
  /** Number of values that were read. */
  readonly sampled: number;
  /** What the sampled values are. */
  readonly counts: ValueCounts;
}

/** One model with the plugin. */
export interface ExaminedModel {
  /** The name of the model. */
  readonly model: string;
  /** The name of its database. */
  readonly database: string;
  /** The name of its collection. */
  readonly collection: string;
  /** Number of documents according to the collection's metadata; `null` if that cannot be read. */
  readonly documents: number | null;
  /** Its tracked fields. */
  readonly fields: readonly ExaminedField[];
  /** The cost of one removal; `null` if it was not measured. */
  readonly cost: RemovalCost | null;
}

/** The cost of the look-up before a write and of the question after it, measured with a file that does not exist. */
export interface RemovalCost {
  /** Number of MongoDB commands; `null` if the connection has no command monitoring (`monitorCommands: true`). */
  readonly commands: number | null;
  /** Duration in milliseconds. */
  readonly ms: number;
  /** The collections that are asked. */
  readonly collections: readonly string[];
}

/** One folder or cloud. */
export interface ExaminedStorage {
  /** The label of the storage, such as `local /srv/app/uploads`. */
  readonly storage: string;
  /** Names of the models that keep files in the storage. */
  readonly models: readonly string[];
  /** What is wrong with the storage; `null` if nothing is, or if the provider cannot tell. */
  readonly problem: string | null;
  /** Number of files that were listed; `null` if the storage was not listed. */
  readonly files: number | null;
  /** Whether there are more files. */
  readonly isPartial: boolean;
}

/** What the doctor found. */
export interface DoctorReport {
  /** `findings` if there is at least one finding. */
  readonly status: 'nothing to do' | 'findings';
  /** When the doctor was started. */
  readonly startedAt: Date;
  /** Duration in milliseconds. */
  readonly durationMs: number;
  /** The models with the plugin. */
  readonly models: readonly ExaminedModel[];
  /** The storages of these models. */
  readonly storages: readonly ExaminedStorage[];
  /** What needs a change. */
  readonly findings: readonly Finding[];
  /** Facts that need no change, and what could not be examined. */
  readonly notes: readonly string[];
}
