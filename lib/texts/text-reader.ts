import { FoundImages, type Nested, type ReadText } from './found-images.js';
import { htmlReader, type HtmlParser } from './html.js';
import { readJson } from './json.js';
import { markdownReader, type MarkdownParser } from './markdown.js';
import { findParser, type Parser, type Places } from './parsers.js';

/** What a text is written in, or a function that answers with the addresses of the images in it. */
export type TextFormat = 'html' | 'markdown' | 'json' | ((value: unknown) => readonly string[]);

/** The parsers without which a format cannot be read. */
export function parsersFor(format: TextFormat): Parser[] {
  if (format === 'html') return ['html'];
  return format === 'markdown' ? ['markdown', 'html'] : [];
}

/** What the reader of a field needs beside its format. */
export interface TextOptions {
  /** A path beside the text that has its images in an array. */
  readonly index?: string | undefined;
  /** Gets what is wrong with a text, once. */
  readonly tell?: (what: string) => void;
  readonly places?: Places;
}

/** Reads which images the texts of a field use. Never throws: what cannot be read uses nothing that is known. */
export class TextReader {
  readonly format: TextFormat;
  readonly index: string | undefined;
  readonly #tell: (what: string) => void;
  readonly #places: Places | undefined;
  /** Found at once, since an app may change its folder later; loaded when they are used. */
  readonly #loaders: ReadonlyMap<Parser, (() => unknown) | undefined>;
  readonly #readers = new Map<Parser, ReadText>();
  #isTold = false;

  constructor(format: TextFormat, { index, tell = () => undefined, places }: TextOptions = {}) {
    this.format = format;
    this.index = index;
    this.#tell = tell;
    this.#places = places;
    const parsers = typeof format === 'function' ? [] : [...new Set<Parser>([...parsersFor(format), 'html'])];
    this.#loaders = new Map(parsers.map((parser) => [parser, findParser(parser, places)]));
  }

  /** The same of a child schema, as its parent sees it. */
  within(prefix: string): TextReader {
    if (this.index === undefined) return this;
    return new TextReader(this.format, {
      index: prefix + this.index,
      tell: this.#tell,
      ...(this.#places && { places: this.#places }),
    });
  }

  /** Does a text name each image by its file name? A function of the app may make addresses of anything. */
  get isNaming(): boolean {
    return typeof this.format !== 'function';
  }

  /** The values that a text uses, as a field of images would hold them. */
  read(value: unknown): unknown[] {
    try {
      return typeof this.format === 'function' ? this.#ask(this.format, value) : this.#parse(value);
    } catch (thrown) {
      this.#tellOnce(thrown instanceof Error ? thrown.message : String(thrown));
      return [];
    }
  }

  /**
   * The same for the question what is used: what nobody can read may use anything. Where a text names its images a search finds them.
   *
   * @throws Error where a function of the app fails.
   */
  readUses(value: unknown): unknown[] {
    return typeof this.format === 'function' ? this.#ask(this.format, value) : this.read(value);
  }

  /** The same of a string that may be only a part of a value, or of another field. */
  readPart(value: string): unknown[] {
    return typeof this.format === 'function' ? [] : this.read(value);
  }

  #ask(read: (value: unknown) => unknown, value: unknown): unknown[] {
    const answer = read(value);
    if (answer instanceof Promise) answer.catch(() => undefined);
    if (!Array.isArray(answer) || !answer.every((one) => typeof one === 'string')) {
      throw new Error('the function in "in" must return an array of strings, not a promise');
    }
    const found = new FoundImages(this.#nested);
    for (const one of answer as string[]) found.add(one);
    return found.values;
  }

  #parse(value: unknown): unknown[] {
    const found = new FoundImages(this.#nested);
    if (this.format === 'json') readJson(value, found);
    else if (typeof value === 'string') this.#readerOf(this.format as Parser)?.(value, found);
    return found.values;
  }

  get #nested(): Nested {
    return {
      html: (text, found) => this.#readerOf('html')?.(text, found),
      json: readJson,
    };
  }

  #readerOf(parser: Parser): ReadText | undefined {
    const known = this.#readers.get(parser);
    if (known) return known;
    const loaded = this.#loaders.get(parser)?.();
    if (loaded === undefined) return undefined;
    const reader =
      parser === 'html' ? htmlReader(loaded as HtmlParser) : markdownReader(loaded as MarkdownParser);
    this.#readers.set(parser, reader);
    return reader;
  }

  #tellOnce(what: string): void {
    if (this.#isTold) return;
    this.#isTold = true;
    this.#tell(what);
  }
}

/** One field as two plugin calls or models see it. */
export function eitherText(
  one: TextReader | undefined,
  other: TextReader | undefined,
): TextReader | undefined {
  if (!one || !other || one.format === other.format) return one ?? other;
  return new TextReader(
    (value) => [...one.read(value), ...other.read(value)].filter((image) => typeof image === 'string'),
    { index: one.index ?? other.index },
  );
}
