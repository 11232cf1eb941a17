import type { FoundImages, ReadText } from './found-images.js';

/** What is used of `marked`, by shape: neither its types nor the package are needed to compile. */
export interface MarkdownParser {
  readonly lexer: (text: string) => readonly unknown[];
  readonly parse: (text: string) => unknown;
}

interface Token {
  readonly type?: unknown;
  readonly href?: unknown;
  readonly raw?: unknown;
  readonly tokens?: unknown;
}

/** Images and links, inline and by reference, in whatever they lie; the HTML in between. What is code shows no image. */
export function markdownReader({ lexer, parse }: MarkdownParser): ReadText {
  return (text, found) => {
    const open: unknown[] = [lexer(text)];
    while (open.length > 0 && !found.isFull) {
      const node = open.pop();
      if (typeof node !== 'object' || node === null) continue;
      if (!Array.isArray(node)) {
        readToken(node, found);
        if (hasStyleSheet(node)) readAsHtml(node, parse, found);
      }
      for (const inner of Object.values(node) as unknown[]) {
        if (typeof inner === 'object' && inner !== null) open.push(inner);
      }
    }
  };
}

function readToken({ type, href, raw }: Token, found: FoundImages): void {
  if (type === 'html' && typeof raw === 'string') found.addHtml(raw);
  else if (['image', 'link', 'def'].includes(String(type)) && typeof href === 'string') {
    found.add(href);
    // what Markdown says in letters it may write in entities and escapes, which the address of a page is read without
    if (href.includes('&')) found.addHtml(`<a href="${href.replaceAll('"', '&quot;')}">`);
  }
}

/** A style sheet in the midst of a paragraph is three tokens, of which none has what stands in it. */
function hasStyleSheet({ tokens }: Token): boolean {
  return (
    Array.isArray(tokens) &&
    tokens.some((one: Token) => one.type === 'html' && /^<style\b/i.test(String(one.raw)))
  );
}

function readAsHtml({ raw }: Token, parse: MarkdownParser['parse'], found: FoundImages): void {
  const html = typeof raw === 'string' ? parse(raw) : undefined;
  if (typeof html === 'string') found.addHtml(html);
}
