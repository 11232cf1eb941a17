import type { mongo } from 'mongoose';
import type { Reading } from '../usage/reading.js';
import { kindOf } from '../usage/reading.js';

/** A file that a value meant when it was dropped, and the content that is meant. */
export interface IntendedFile {
  /** The name of the provider. */
  readonly provider: string;
  /** The kind of storage, which tells keys of different storages apart. */
  readonly kind: string;
  readonly key: string;
  /** `null`: nothing was stored. Absent: the provider cannot tell. */
  readonly fingerprint?: string | null;
}

/** One value that a write drops. */
export interface IntendedValue {
  /** What the documents stored, masked as in events. */
  readonly value: unknown;
  readonly field: string | null;
  readonly documentIds: readonly unknown[];
  /** Several where the value is ambiguous: the storage tells which of them is meant. */
  readonly files: readonly IntendedFile[];
  /** Once settled. */
  readonly outcome?: string;
  readonly reason?: string;
  /** Once it failed for good. */
  readonly error?: string;
}

/** The values that one write drops, or a part of them: what is to be removed unless something uses it, and when. */
export interface Intent {
  readonly _id: mongo.ObjectId;
  /** The name of the model that is written. */
  readonly model: string;
  /** The Mongoose call. */
  readonly operation: string;
  readonly isDelete: boolean;
  /** Models besides that may use the files, with their databases; only of `removeUnused`. */
  readonly alsoAsking?: readonly string[];
  /** The machine whose disk has the files, where machines do not share it: only its workers deliver the intent. */
  readonly machine?: string;
  /** Those that may use the files, with their databases. A worker that would not ask one of them leaves the intent. */
  readonly collections?: readonly string[];
  readonly values: readonly IntendedValue[];
  /** Files stay so long, in milliseconds; 0: they go at once, and a worker takes only what was left behind. */
  readonly graceMs: number;
  /** By the server's clock, as all times here. */
  readonly writtenAt: Date;
  /** Absent: settled, or failed for good. */
  readonly dueAt?: Date;
  /** Tries of workers so far. */
  readonly tries: number;
  /** The worker that has it until `dueAt`. */
  readonly claim?: string;
  /** The intent that this one is a part of; only of what is settled or failed for good, or is tried again after that. */
  readonly from?: mongo.ObjectId;
  readonly failedAt?: Date;
  readonly settledAt?: Date;
  /** When MongoDB deletes a settled intent. */
  readonly expiresAt?: Date;
}

/** A new intent; its times are the server's. */
export type NewIntent = Omit<Intent, 'writtenAt' | 'dueAt'>;

/** The same file, whatever its provider is called. */
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
