import type { Kind, Placing } from './generated-text.js';
import { generateHtml, pictureIn } from './html.js';
import { address, percent, reference } from './spelling.js';

const WORDS = [
  'Lorem *ipsum*',
  '**bold**',
  '`code`',
  'a_b_c',
  '1. not a list',
  '\\*escaped\\*',
  'a | b',
  '&amp;',
  'line  \nbreak',
];

/** A document of Markdown with files at random places: in paragraphs, lists, quotes, tables, headings, and in HTML. */
export function generateMarkdown(placing: Placing): string {
  const { dice } = placing;
  const definitions: string[] = [];
  const blocks = Array.from({ length: 1 + dice.below(5) }, () => block(placing, definitions));
  return [...blocks, ...definitions].join('\n\n') + dice.pick(['', '\n']);
}

function block(placing: Placing, definitions: string[]): string {
  const { dice } = placing;
  const some = () => `${dice.pick(WORDS)} ${inline(placing, definitions)}`;
  return dice.pick([
    some,
    some,
    () => `# ${some()}`,
    () => `- item\n- ${inline(placing, definitions)}\n  - ${inline(placing, definitions)}`,
    () => `> ${some()}\n> more`,
    () => `| a | b |\n| --- | --- |\n| x | ${inline(placing, definitions, true)} |`,
    () => `<div>\n\n${some()}\n\n</div>`,
    () => generateHtml(placing).replace(/\n\s*/g, ' '),
    () => `${some()} ${inlineHtml(placing)}`,
    () => code(placing),
  ])();
}

/** No element that begins in one line and ends in another: a paragraph of Markdown would end between them. */
function inlineHtml(placing: Placing): string {
  return pictureIn(placing).replace(/\n\s*/g, ' ');
}

function inline(placing: Placing, definitions: string[], isInTable = false): string {
  const { dice } = placing;
  const alt = dice.pick(['', 'alt', 'an *alt*', 'a \\] b', 'x & y']);
  const title = dice.oneIn(4) ? dice.pick([' "title"', " 'it is'", ' (title)']) : '';
  const one = (kind: Kind) => destination(placing, kind, isInTable);
  return dice.pick([
    () => `![${alt}](${one('img')}${title})`,
    () => `![${alt}](${one('img')}${title})`,
    () => `[![${alt}](${one('img')})](${one('other')})`,
    () => `**![${alt}](${one('img')})**`,
    () => referenced(placing, definitions, alt + title),
  ])();
}

/** `![alt][label]` with its definition at the end. */
function referenced(placing: Placing, definitions: string[], alt: string): string {
  const { dice } = placing;
  const label = `ref ${String(dice.below(1_000_000_000))}`;
  definitions.push(`[${label}]: ${destination(placing, 'img', false)}${dice.oneIn(3) ? ' "title"' : ''}`);
  return dice.pick([
    `![${alt.replace(/["']/g, '')}][${label}]`,
    `![${label}][]`,
    `![${label.toUpperCase()}]`,
  ]);
}

/** In angle brackets, or bare with the escapes that Markdown needs. */
function destination(placing: Placing, kind: Kind, isInTable: boolean): string {
  const { dice, files } = placing;
  const path = files.base + placing.name(kind);
  const inTable = isInTable ? /[|`]/g : /[`]/g;
  if (dice.oneIn(3)) {
    const url = address(dice, path, /[<>\n]/g).replace(inTable, percent);
    return `<${entities(placing, url)}>`;
  }
  const url = address(dice, path, /[\s<>]/g).replace(inTable, percent);
  const isEager = dice.oneIn(4);
  return entities(placing, url)
    .replace(/[()]/g, (char) => `\\${char}`)
    .replace(/[._-]/g, (char) => (isEager && dice.oneIn(3) ? `\\${char}` : char));
}

/** An ampersand that would begin a reference is one itself. */
function entities({ dice }: Placing, url: string): string {
  return [...url]
    .map((char) => (char === '&' || (/[é_*']/.test(char) && dice.oneIn(6)) ? reference(dice, char) : char))
    .join('');
}

function code(placing: Placing): string {
  const { dice, files } = placing;
  const image = `![x](${address(dice, files.base + placing.name('mention'), /[\s()<>`]/g)})`;
  return dice.pick([
    `\`\`\`\n${image}\n\`\`\``,
    `    ${image}`,
    `Write \`${image}\` there`,
    `<!-- ${image.replace(/-/g, '%2D')} -->`,
  ]);
}
