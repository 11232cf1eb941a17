import type { Reading } from '../usage/reading.js';
import type { Candidate, WriteFacts } from './candidates.js';

/** A file that a write has dropped and that no rule protects: it goes if nobody uses it. One is held for every file of a write. */
export interface DroppedFile extends Reading {
  readonly write: WriteFacts;
  /** What the documents stored, and which documents. */
  readonly candidate: Candidate;
  /** The stored content at the time the write was acknowledged; `undefined` where the provider can't tell. */
  readonly fingerprint: string | null | undefined;
  /** The write itself stored a value that mentions the file. */
  isMentionedByWrite: boolean;
  /** Counted where it is tried. */
  attempts: number;
}
