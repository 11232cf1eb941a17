import type { FoundImages, ReadText } from './found-images.js';

/** The parts of `marked` that are used. Declared here, so that neither its types nor the package are needed to compile. */
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

/** Reads images and links, inline and by reference, at any depth, and the HTML between them. Code shows no images. */
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
    // Markdown may write characters of an address as entities, which a browser decodes
    if (href.includes('&')) found.addHtml(`<a href="${href.replaceAll('"', '&quot;')}">`);
  }
}

/** A style sheet within a paragraph consists of three tokens, none of which has its content. */
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
