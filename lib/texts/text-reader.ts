import { FoundImages, type Nested, type ReadText } from './found-images.js';
import { htmlReader, type HtmlParser } from './html.js';
import { readJson } from './json.js';
import { markdownReader, type MarkdownParser } from './markdown.js';
import { findParser, type Parser, type Places } from './parsers.js';

/**
 * The format of a text, or a function that returns the addresses of the images in a value.
 *
 * ```ts
 * schema.plugin(imageCleanup, { fields: [{ path: 'body', in: 'html' }] });
 * schema.plugin(imageCleanup, { fields: [{ path: 'blocks', in: (blocks) => blocks.map(({ src }) => src) }] });
 * ```
 */
export type TextFormat = 'html' | 'markdown' | 'json' | ((value: unknown) => readonly string[]);

/** The parsers that a format needs. */
export function parsersFor(format: TextFormat): Parser[] {
  if (format === 'html') return ['html'];
  return format === 'markdown' ? ['markdown', 'html'] : [];
}

/** What the reader of a field needs besides its format. */
export interface TextOptions {
  /** The path of an array beside the text that holds its images. */
  readonly index?: string | undefined;
  /** Called once with what is wrong with a text. */
  readonly tell?: (what: string) => void;
  readonly places?: Places;
}

/** Reads which images the texts of a field use. Never throws: a text that cannot be read uses no known image. */
export class TextReader {
  readonly format: TextFormat;
  readonly index: string | undefined;
  readonly #tell: (what: string) => void;
  readonly #places: Places | undefined;
  /** Located when the plugin is applied, since an app may change its working directory later; loaded when they are used. */
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

  /** The same reader for the path of the field as the parent schema sees it. */
  within(prefix: string): TextReader {
    if (this.index === undefined) return this;
    return new TextReader(this.format, {
      index: prefix + this.index,
      tell: this.#tell,
      ...(this.#places && { places: this.#places }),
    });
  }

  /** Whether a text contains the file name of each image. A function of the app may build addresses in any way. */
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
   * Like `read`, for the question which files are used: a text that cannot be read may use any file. If the text
   * contains the file names of its images, a search for these finds them.
   *
   * @throws Error if a function of the app fails.
   */
  readUses(value: unknown): unknown[] {
    return typeof this.format === 'function' ? this.#ask(this.format, value) : this.read(value);
  }

  /** Like `readUses`, for a string that may be only a part of a value, or belong to another field. */
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

/** The reader of one field that two plugin calls or models track. */
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
