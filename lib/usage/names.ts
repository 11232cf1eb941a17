import type { Asset, StorageProvider } from '../providers/provider.js';
import { decodings } from './decoding.js';

/** The part of a name for which texts are searched. */
export interface Searched {
  /** The whole name, folded. */
  readonly name: string;
  /** The longest part that no encoder changes, from a letter or digit to another; `null` if there is none. */
  readonly literal: string | null;
  /** The position of the literal in the name. */
  readonly offset: number;
}

/**
 * Letters, digits, `.`, `_` and `-`: RFC 3986 calls them unreserved, and HTML needs no entities for them. `~` is
 * encoded by some.
 */
const PLAIN_RUNS = /[a-z0-9._-]+/g;

// eslint-disable-next-line no-control-regex
const ASCII = /^[\x00-\x7f]*$/;

/** On many disks `A.png` is `a.png`, and one letter has two Unicode forms. Such names count as equal. */
export function folded(text: string): string {
  return (ASCII.test(text) ? text : text.normalize('NFC')).toLowerCase();
}

/** The last part of an asset's name, as a text would mention it. */
export function fileNameOf(asset: Asset, provider: StorageProvider): string {
  const { nameOf } = provider as { nameOf?: (asset: Asset) => string };
  const name = nameOf ? nameOf.call(provider, asset) : asset.key;
  return name.slice(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
}

/** A database does not treat the Kelvin sign as `k`, nor the dotted I as `i`, but folding turns them into these letters. */
const FOLDED_TO_ASCII = /([\u0130\u212a])/;

export function searchedName(fileName: string): Searched {
  const name = folded(fileName);
  let literal: string | null = null;
  let offset = 0;
  let before = 0;
  for (const part of fileName.split(FOLDED_TO_ASCII)) {
    const text = folded(part);
    for (const { 0: run, index } of FOLDED_TO_ASCII.test(part) ? [] : text.matchAll(PLAIN_RUNS)) {
      const [start, end] = coreOf(run);
      // a text may have dots and dashes next to the name, so a literal does not begin or end with them
      if (end - start <= (literal?.length ?? 0)) continue;
      [literal, offset] = [run.slice(start, end), before + index + start];
    }
    before += text.length;
  }
  return { name, literal, offset };
}

/** A run of plain characters in one of the decoded readings of a text. */
export interface Token {
  readonly token: string;
  /** Whether the extension that follows in the text is left out. */
  readonly isStem: boolean;
  /** The position of its beginning in `text`. */
  readonly at: number;
  /** The reading, folded. */
  readonly text: string;
}

/** The runs of plain characters in every reading of a text. */
export function* tokensIn(given: string): Generator<Token> {
  for (const text of readingsOf(given)) {
    for (const { 0: run, index } of text.matchAll(PLAIN_RUNS)) yield* tokensOf(run, index, text);
  }
}

/** Only the runs that contain one of the literals, which is faster in long texts with few of them. */
export function* tokensWith(literals: readonly string[], given: string): Generator<Token> {
  for (const text of readingsOf(given)) {
    for (const literal of literals) {
      for (let at = text.indexOf(literal); at >= 0;) {
        const [start, end] = runAround(text, at);
        yield* tokensOf(text.slice(start, end), start, text);
        at = text.indexOf(literal, end);
      }
    }
  }
}

/** Whether a name without a literal is in one of the readings of a text. */
export function standsIn(name: string, given: string): boolean {
  return readingsOf(given).some((text) => text.includes(name));
}

function readingsOf(given: string): string[] {
  return decodings(given).map(folded);
}

function runAround(text: string, at: number): [start: number, end: number] {
  let start = at;
  let end = at;
  while (start > 0 && isPlain(text.charCodeAt(start - 1))) start--;
  while (end < text.length && isPlain(text.charCodeAt(end))) end++;
  return [start, end];
}

/** Whether the character is one of `PLAIN_RUNS`: `a-z`, `0-9`, `-`, `.`, `_`. */
function isPlain(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 48 && code <= 57) || isMark(code);
}

/**
 * A run without the dots, dashes and underscores at its ends, which may belong to the name, the sentence or the markup
 * around it; and the same without an extension.
 */
function* tokensOf(run: string, at: number, text: string): Generator<Token> {
  const [start, end] = coreOf(run);
  if (start === end) return;
  const bare = run.slice(start, end);
  yield { token: bare, isStem: false, at: at + start, text };
  const stem = withoutExtension(bare);
  if (stem !== bare) yield { token: stem.slice(0, coreOf(stem)[1]), isStem: true, at: at + start, text };
}

/**
 * The positions of the first letter or digit of a run and after the last one. A regular expression would be slow on
 * long rows of dashes.
 */
function coreOf(run: string): [start: number, end: number] {
  let start = 0;
  let end = run.length;
  while (start < end && isMark(run.charCodeAt(start))) start++;
  while (end > start && isMark(run.charCodeAt(end - 1))) end--;
  return [start, end];
}

/** `-`, `.`, `_`. */
function isMark(code: number): boolean {
  return code === 45 || code === 46 || code === 95;
}

/** Endings that make another name of a name: `pic.png.webp` is another file than `pic.png`. */
const IMAGE = /\.(?:png|jpe?g|gif|webp|avif|svg|bmp|tiff?|hei[cf]|ico|jxl|mp4|webm|mov|pdf)$/;

/** A letter directly before or after makes it a part of another name. Plain characters there are already in the token. */
const WORD_BEFORE = /[\p{L}\p{N}\p{M}]$/u;
const WORD_AFTER = /^[\p{L}\p{N}\p{M}]/u;

/** Whether the whole name is in the text, around the token that begins at `at`. */
export function standsAt({ name, offset }: Searched, { text, at, isStem }: Token): boolean {
  if (isStem && IMAGE.test(name)) return false;
  const start = at - offset;
  const end = start + name.length;
  if (start < 0 || !text.startsWith(name, start)) return false;
  return (
    !WORD_BEFORE.test(text.slice(Math.max(0, start - 2), start)) && !WORD_AFTER.test(text.slice(end, end + 2))
  );
}

/** Whether a string has spaces, quotes or brackets: then it is more likely a text than the path of a file. */
export function looksLikeText(text: string): boolean {
  return /[\s<>"'`(){}[\]]/.test(text);
}

/** Characters that separate the addresses and paths in a text. */
const AROUND_NAMES = /[\s"'`<>()[\]{}|,;\\]+/;
const QUOTES = /["'`<>()]+/;
const DEEPEST = 8;

/**
 * The names by which a text may mention files: each address and path in it, and each of their parts after a slash,
 * since it is not known which beginning is that of a storage. Of several words, only those with a dot or a slash.
 */
export function* namesWithin(text: string): Generator<string> {
  const seen = new Set<string>();
  // a name between quotes may contain spaces
  const spans = [text, ...text.split(QUOTES), ...text.split(AROUND_NAMES)].flatMap(decodings);
  for (const span of spans.flatMap((one) => [one, ...one.split(AROUND_NAMES)])) {
    if (seen.has(span)) continue;
    seen.add(span);
    if (span !== text && !/[./]/.test(span)) continue;
    const [path = ''] = span.split(/[?#]/);
    const segments = path.split('/');
    for (let from = Math.max(0, segments.length - DEEPEST); from < segments.length; from++) {
      const name = segments.slice(from).join('/');
      if (name !== '') yield name;
    }
  }
}

export function withoutExtension(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot > 0 ? name.slice(0, dot) : name;
}
