import type { mongo } from 'mongoose';
import type { Reading } from '../usage/meaning.js';
import { kindOf } from '../usage/meaning.js';

/** A file that a value meant when it was dropped, and its content at that time. */
export interface IntendedFile {
  /** The name of the provider. */
  readonly provider: string;
  /** The kind of storage, which distinguishes equal keys of different storages. */
  readonly kind: string;
  readonly key: string;
  /** `null`: nothing was stored. Absent: the provider cannot tell. */
  readonly fingerprint?: string | null;
}

/** One value that a write drops. */
export interface IntendedValue {
  /** The value as the documents stored it, masked as in events. */
  readonly value: unknown;
  readonly field: string | null;
  readonly documentIds: readonly unknown[];
  /** Several files if the value is ambiguous. The storage then says which of them is meant. */
  readonly files: readonly IntendedFile[];
  /** Set when it is settled. */
  readonly outcome?: string;
  readonly reason?: string;
  /** Set when it failed for good. */
  readonly error?: string;
}

/** The values that one write drops, or a part of them: the files to remove unless something uses them, and when. */
export interface Intent {
  readonly _id: mongo.ObjectId;
  /** The name of the model that is written. */
  readonly model: string;
  /** The Mongoose call. */
  readonly operation: string;
  readonly isDelete: boolean;
  /** Other models that may use the files, with their databases; only with `removeUnused`. */
  readonly alsoAsking?: readonly string[];
  /** The machine whose disk has the files, if machines do not share it. Only workers of this machine deliver the intent. */
  readonly machine?: string;
  /**
   * Collections that may use the files, with their databases. A worker that would not ask all of them leaves the
   * intent.
   */
  readonly collections?: readonly string[];
  readonly values: readonly IntendedValue[];
  /**
   * How long the files stay, in milliseconds. 0: they are removed at once, and a worker takes only what was left
   * behind.
   */
  readonly graceMs: number;
  /** According to the server's clock, like all times in the journal. */
  readonly writtenAt: Date;
  /** Absent if the intent is settled, or failed for good. */
  readonly dueAt?: Date;
  /** Number of attempts by workers so far. */
  readonly tries: number;
  /** The worker that has taken the intent, until `dueAt`. */
  readonly claim?: string;
  /**
   * The intent that this one is a part of. Only parts that are settled, failed for good, or are tried again after that
   * have it.
   */
  readonly from?: mongo.ObjectId;
  readonly failedAt?: Date;
  readonly settledAt?: Date;
  /** When MongoDB deletes a settled intent. */
  readonly expiresAt?: Date;
}

export type IntentDocument = mongo.WithId<mongo.Document> & Intent;

/** A new intent, to which the server adds the times. */
export type NewIntent = Omit<Intent, 'writtenAt' | 'dueAt'>;

/** The identity of a file, whatever the name of its provider. */
export function identityOfFile({ kind, key }: IntendedFile): string {
  return `${kind}\0${key}`;
}

export function intendedFile(
  { asset, provider }: Reading,
  fingerprint: string | null | undefined,
): IntendedFile {
  const named = { provider: provider.name, kind: kindOf(provider), key: asset.key };
  return fingerprint === undefined ? named : { ...named, fingerprint };
}
