import type { Dice } from '../../support/spellings.js';
import { Placing, type Files, type GeneratedFormat, type GeneratedText } from './generated-text.js';
import { generateHtml } from './html.js';
import { generateJson } from './json.js';
import { generateMarkdown } from './markdown.js';

const GENERATORS: Record<GeneratedFormat, (placing: Placing) => unknown> = {
  html: generateHtml,
  markdown: generateMarkdown,
  json: generateJson,
};

export const FORMATS = Object.keys(GENERATORS) as GeneratedFormat[];

/** A random text; half of them are HTML, which is read in the other two as well. */
export function generateText(
  dice: Dice,
  files: Files,
  format: GeneratedFormat = dice.pick([...FORMATS, 'html']),
): GeneratedText {
  const placing = new Placing(dice, files);
  return { format, value: GENERATORS[format](placing), placed: placing.placed };
}
