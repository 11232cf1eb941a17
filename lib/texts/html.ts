import { addressesInCss } from './css.js';
import type { FoundImages, ReadText } from './found-images.js';
import { addressesInSrcset } from './srcset.js';

/**
 * The parts of `htmlparser2` that are used. Declared here, so that neither its types nor the package are needed to
 * compile.
 */
export interface HtmlParser {
  readonly Tokenizer: new (
    options: { xmlMode?: boolean; decodeEntities?: boolean },
    callbacks: TokenCallbacks,
  ) => { write(text: string): void; end(): void };
}

type Span = (start: number, end: number) => void;

/** The tokenizer passes positions in the text. */
interface TokenCallbacks {
  readonly onattribdata: Span;
  readonly onattribentity: (code: number) => void;
  readonly onattribend: (quote: number, end: number) => void;
  readonly onattribname: Span;
  readonly oncdata: Span;
  readonly onclosetag: Span;
  readonly oncomment: Span;
  readonly ondeclaration: Span;
  readonly onend: () => void;
  readonly onopentagend: (end: number) => void;
  readonly onopentagname: Span;
  readonly onprocessinginstruction: Span;
  readonly onselfclosingtag: (end: number) => void;
  readonly ontext: Span;
  readonly ontextentity: (code: number) => void;
}

/** Attributes that hold one address, on any element. */
const ADDRESSES = new Set([
  'src',
  'href',
  'xlink:href',
  'poster',
  'data',
  'background',
  'lowsrc',
  'longdesc',
]);
const SRCSETS = new Set(['srcset', 'imagesrcset']);

const nothing = (): void => undefined;
const IGNORED = {
  oncomment: nothing,
  ondeclaration: nothing,
  onend: nothing,
  onopentagend: nothing,
  onprocessinginstruction: nothing,
  onselfclosingtag: nothing,
};

/**
 * Reads the addresses that a page would load or link to. It looks only at attributes, since these say more than
 * elements in HTML of all kinds and ages. It uses only the tokenizer: the stack of open elements is not needed, and is
 * slow with invalid HTML.
 */
export function htmlReader({ Tokenizer }: HtmlParser): ReadText {
  return (html, found) => {
    const tokenizer = new Tokenizer({ decodeEntities: true }, callbacksFor(html, found));
    tokenizer.write(html);
    tokenizer.end();
  };
}

function callbacksFor(html: string, found: FoundImages): TokenCallbacks {
  let name = '';
  let value = '';
  let style: string | undefined;
  const addText = (text: string): void => {
    if (style !== undefined) style += text;
  };
  return {
    onattribname(start, end) {
      name = html.slice(start, end).toLowerCase();
      value = '';
    },
    onattribdata(start, end) {
      value += html.slice(start, end);
    },
    onattribentity(code) {
      value += String.fromCodePoint(code);
    },
    onattribend() {
      readAttribute(name, value, found);
    },
    onopentagname(start, end) {
      style = end - start === 5 && html.slice(start, end).toLowerCase() === 'style' ? '' : undefined;
    },
    onclosetag() {
      if (style) for (const address of addressesInCss(style)) found.add(address);
      style = undefined;
    },
    oncdata(start, end) {
      addText(html.slice(start, end));
    },
    ontext(start, end) {
      addText(html.slice(start, end));
    },
    ontextentity(code) {
      addText(String.fromCodePoint(code));
    },
    ...IGNORED,
  };
}

function readAttribute(name: string, value: string, found: FoundImages): void {
  if (value === '') return;
  if (ADDRESSES.has(name)) found.add(value);
  else if (SRCSETS.has(name)) addAll(addressesInSrcset(value), found);
  else if (name === 'srcdoc') found.addHtml(value);
  else if (name === 'content') found.guess(value);
  else if (name.startsWith('data-')) readData(name, value, found);
  // `style`, and the attributes of SVG that correspond to it: `fill`, `mask`, `filter`
  if (/url\(|image-set\(/i.test(value)) addAll(addressesInCss(value), found);
}

/** Data attributes that scripts read: the address of an image to load later, its sizes, or whole settings. */
function readData(name: string, value: string, found: FoundImages): void {
  if (name.includes('srcset')) addAll(addressesInSrcset(value), found);
  else found.guess(value);
}

function addAll(addresses: Iterable<string>, found: FoundImages): void {
  for (const address of addresses) found.add(address);
}
