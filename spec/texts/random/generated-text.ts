import type { Dice } from '../../support/spellings.js';

export type GeneratedFormat = 'html' | 'markdown' | 'json';

/**
 * Where a text names a file. The first five are what a page loads by itself and what must be found; `other` may be loaded, too,
 * `mention` never is: code, a comment, a link's words.
 */
export type Kind = 'img' | 'source' | 'srcset' | 'poster' | 'style' | 'other' | 'mention';

export const MUST_BE_FOUND: readonly Kind[] = ['img', 'source', 'srcset', 'poster', 'style'];

export interface Placed {
  readonly kind: Kind;
  /** The file's name below the folder of the text. */
  readonly name: string;
}

export interface GeneratedText {
  readonly format: GeneratedFormat;
  readonly value: unknown;
  readonly placed: readonly Placed[];
}

/** Where the files of a text are served, and what they are called. */
export interface Files {
  /** Such as `/uploads/`. */
  readonly base: string;
  /** The name of the file that stands at a place: a new one, or one that another place has, too. */
  next(kind: Kind): string;
}

/** What the generators of the formats share: dice, and a list of what was placed. */
export class Placing {
  readonly placed: Placed[] = [];

  constructor(
    readonly dice: Dice,
    readonly files: Files,
  ) {}

  /** A name for a place, noted. */
  name(kind: Kind): string {
    const name = this.files.next(kind);
    this.placed.push({ kind, name });
    return name;
  }
}
