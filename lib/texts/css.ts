/** `url(a.png)`, `url("a.png")`; the strings of `image-set("a.png" 1x)` and `@import "a.css"`. */
const URL =
  /url\(\s*(?:"((?:[^"\\]|\\[^])*)"|'((?:[^'\\]|\\[^])*)'|((?:[^\s"'()\\]|\\[0-9a-f]{1,6}[ \t\n]?|\\[^])+))/gi;
const STRINGS = /(?:image-set\(|@import\s)[^;{}]*/gi;
const STRING = /"((?:[^"\\\n]|\\[^])*)"|'((?:[^'\\\n]|\\[^])*)'/g;

/** The addresses in a style sheet or a `style` attribute. */
export function* addressesInCss(css: string): Generator<string> {
  if (!css.includes('(') && !css.includes('@')) return;
  const text = withoutComments(css);
  for (const match of text.matchAll(URL)) yield unescaped(firstOf(match));
  for (const [part] of text.matchAll(STRINGS)) {
    for (const match of part.matchAll(STRING)) yield unescaped(firstOf(match));
  }
}

/** Comments, and the texts that may contain the characters of a comment: strings, and addresses without quotes. */
const COMMENT_OR_TEXT =
  /"(?:[^"\\\n]|\\[^])*"|'(?:[^'\\\n]|\\[^])*'|url\(\s*[^\s"'()]+|\/\*[^]*?(?:\*\/|$)/gi;

function withoutComments(css: string): string {
  if (!css.includes('/*')) return css;
  return css.replace(COMMENT_OR_TEXT, (part) => (part.startsWith('/*') ? ' ' : part));
}

function firstOf(match: RegExpMatchArray): string {
  return match.slice(1).find((group) => group !== undefined) ?? '';
}

/** `\26 ` is a character by its number; `\(` is the character itself. */
function unescaped(text: string): string {
  if (!text.includes('\\')) return text;
  return text.replace(/\\(?:([0-9a-f]{1,6})[\t\n\f\r ]?|\r?\n|([^]))/gi, (_, hex?: string, char?: string) => {
    if (hex === undefined) return char ?? '';
    const code = parseInt(hex, 16);
    return code === 0 || code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code);
  });
}
