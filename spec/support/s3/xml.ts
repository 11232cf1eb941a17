/** An element with elements or a text in it. */
export interface Element {
  readonly name: string;
  readonly children: Element[];
  text: string;
}

/** Reads the documents that SDKs send: elements, texts, entities; no doctypes, no namespaces. `null` where it is none. */
export function parseXml(source: string): Element | null {
  const root: Element = { name: '', children: [], text: '' };
  const open: Element[] = [root];
  for (const [, close, name, empty, text] of source.matchAll(
    /<\?[^>]*\?>|<(\/?)([\w:.-]+)(?:\s[^>]*?)?(\/?)>|([^<]+)/g,
  )) {
    const top = open.at(-1)!;
    if (text !== undefined) top.text += text;
    else if (name === undefined) continue;
    else if (close) {
      if (open.length === 1 || top.name !== name) return null;
      open.pop();
    } else {
      const element: Element = { name, children: [], text: '' };
      top.children.push(element);
      if (!empty) open.push(element);
    }
  }
  return open.length === 1 && root.children.length === 1 ? root.children[0]! : null;
}

/** The text of a child, without entities; `undefined` where there is none. */
export function textOf(element: Element, name: string): string | undefined {
  const child = element.children.find((one) => one.name === name);
  return child === undefined ? undefined : decode(child.text);
}

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replace(
    /&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi,
    (all, hex?: string, decimal?: string, name?: string) => {
      if (hex !== undefined) return String.fromCodePoint(parseInt(hex, 16));
      if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
      return ENTITIES[name!] ?? all;
    },
  );
}

/** Escaped as S3 does: markup, and control characters as numbers, some of which no XML 1.0 may hold. */
export function escapeXml(text: string): string {
  return text.replace(/[&<>"'\p{Cc}\u2028\ufffe\uffff]/gu, (one) => {
    const name = Object.entries(ENTITIES).find(([, plain]) => plain === one)?.[0];
    return name === undefined ? `&#x${one.charCodeAt(0).toString(16)};` : `&${name};`;
  });
}

/** What an element holds: a text, a number, elements by name (an array: one each), nothing. */
export type Content =
  string | number | boolean | undefined | { readonly [name: string]: Content | readonly Content[] };

/** Writes one element with its content. */
export function xml(name: string, content: Content | readonly Content[]): string {
  if (content === undefined) return '';
  if (Array.isArray(content)) return content.map((one: Content) => xml(name, one)).join('');
  const inner =
    typeof content === 'object'
      ? Object.entries(content)
          .map(([child, value]) => xml(child, value))
          .join('')
      : escapeXml(String(content));
  return `<${name}>${inner}</${name}>`;
}
