import { addressesInCss } from './css.js';
import type { FoundImages, ReadText } from './found-images.js';
import { addressesInSrcset } from './srcset.js';

/** What is used of `htmlparser2`, by shape: neither its types nor the package are needed to compile. */
export interface HtmlParser {
  readonly Tokenizer: new (
    options: { xmlMode?: boolean; decodeEntities?: boolean },
    callbacks: TokenCallbacks,
  ) => { write(text: string): void; end(): void };
}

type Span = (start: number, end: number) => void;

/** The tokenizer tells where things stand in the text. */
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

/** Attributes that hold one address, whatever their element is. */
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
 * Reads what a page would load, or offer as a link: by attributes, since in HTML of all ages and kinds they tell more than
 * the elements do. The tokenizer alone is used: the stack of open elements says nothing here and costs much in bad HTML.
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
  // `style`, and what SVG has in its place: `fill`, `mask`, `filter`
  if (/url\(|image-set\(/i.test(value)) addAll(addressesInCss(value), found);
}

/** What scripts keep for themselves: the address of a picture that is to be loaded later, its sizes, a whole setting. */
function readData(name: string, value: string, found: FoundImages): void {
  if (name.includes('srcset')) addAll(addressesInSrcset(value), found);
  else found.guess(value);
}

function addAll(addresses: Iterable<string>, found: FoundImages): void {
  for (const address of addresses) found.add(address);
}
