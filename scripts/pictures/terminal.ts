const COLUMNS = 60;
const FONT_SIZE = 14;
const LINE = 20;
/** Widths of a character in the usual monospace fonts are at most this part of the font's size. */
const CHARACTER = 0.605;
const PADDING = 16;
const FONT =
  "ui-monospace, SFMono-Regular, Menlo, Consolas, 'DejaVu Sans Mono', 'Liberation Mono', monospace";

export interface TerminalPicture {
  readonly command: string;
  readonly output: string;
  /** For readers of the screen. */
  readonly title: string;
}

/** A terminal as SVG, whose texts are texts. It has a background of its own, so that it can be read on any page. */
export function terminalPicture({ command, output, title }: TerminalPicture): string {
  const prompt = wrapped(`$ ${command}`).map((text) => ({ text, kind: 'command' }));
  const lines = output.trimEnd().split('\n').flatMap(wrapped);
  const all = [...prompt, ...lines.map((text) => ({ text, kind: 'output' }))];
  const width = Math.ceil(COLUMNS * FONT_SIZE * CHARACTER) + 2 * PADDING;
  const height = all.length * LINE + 2 * PADDING;
  const texts = all.map(({ text, kind }, index) => {
    const y = PADDING + index * LINE + FONT_SIZE;
    return `<text class="${kind}" x="${String(PADDING)}" y="${String(y)}" xml:space="preserve">${escaped(text)}</text>`;
  });
  const size = `width="${String(width)}" height="${String(height)}"`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" ${size} viewBox="0 0 ${String(width)} ${String(height)}" role="img">`,
    `<title>${escaped(title)}</title>`,
    STYLE,
    `<rect class="panel" x="0.5" y="0.5" width="${String(width - 1)}" height="${String(height - 1)}" rx="8"/>`,
    ...texts,
    '</svg>\n',
  ].join('\n');
}

const STYLE = `<style>
svg { --panel: #f6f8fa; --edge: #d0d7de; --text: #1f2328; --command: #0550ae; }
@media (prefers-color-scheme: dark) {
  svg { --panel: #151b23; --edge: #3d444d; --text: #e6edf3; --command: #79c0ff; }
}
.panel { fill: var(--panel); stroke: var(--edge); }
text { font: ${String(FONT_SIZE)}px ${FONT}; white-space: pre; fill: var(--text); }
.command { fill: var(--command); font-weight: 600; }
</style>`;

/** Lines of at most 60 characters, broken between words. */
function wrapped(line: string): string[] {
  if (line.length <= COLUMNS) return [line];
  const end = line.lastIndexOf(' ', COLUMNS);
  const at = end > 0 ? end : COLUMNS;
  return [line.slice(0, at), ...wrapped(line.slice(end > 0 ? at + 1 : at))];
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** The lines of text of a picture, as they stand in it, without how long the command took. */
export function linesIn(svg: string): string[] {
  const texts = [...svg.matchAll(/<text [^>]*>([^<]*)<\/text>/g)].map(([, text]) => text!);
  return texts.map((text) => text.replace(/\d+ m?s\)/, '… ms)'));
}
