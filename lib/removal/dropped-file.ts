import type { AnyModel } from '../schema/options.js';
import type { AskedFile } from '../usage/question.js';
import type { Asking } from '../usage/scope.js';
import type { Source } from './candidates.js';

/** What all files of one write have in common. */
export interface WriteFacts {
  /** The model that was written. */
  readonly model: AnyModel;
  /** The name of the Mongoose call. */
  readonly operation: string;
  /** When its originals were looked up, by `performance.now()`. */
  readonly since: number;
  /** The documents that it hit are gone. */
  readonly isDelete: boolean | undefined;
  /** Scopes that are asked besides the one of the model. */
  readonly alsoAsking: readonly Asking[] | undefined;
}

/** A file that a write has dropped and that no rule protects: it goes if nobody uses it. */
export interface DroppedFile extends AskedFile {
  /** What the document stored. */
  readonly value: unknown;
  readonly source: Source;
  readonly documentIds: readonly unknown[];
  readonly write: WriteFacts;
  /** The stored content at the time the write was acknowledged; `undefined` where the provider can't tell. */
  readonly fingerprint: string | null | undefined;
  readonly isGuess: boolean;
  /** The write itself stored a value that mentions the file. */
  isMentionedByWrite: boolean;
  /** Counted where it is tried. */
  attempts: number;
}
