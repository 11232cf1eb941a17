import { TextReader } from '../../../lib/texts/text-reader.js';
import { Dice } from '../../support/spellings.js';
import { generateText } from './generate.js';
import { MUST_BE_FOUND, type GeneratedText, type Kind } from './generated-text.js';
import { awkwardName } from './spelling.js';
import type { TextPage } from './page.js';

const TEXTS_PER_PAGE = 100;
const ORIGIN = 'http://127.0.0.1';

/** What the browser loaded and the reader has not found. */
export interface Missed {
  readonly kind: Kind | 'nothing that was placed';
  readonly requested: string;
  readonly text: GeneratedText;
}

export interface Judgement {
  readonly seed: number;
  texts: number;
  /** Of each kind: how many Chromium loaded, and how many of them were found. */
  readonly loaded: Map<string, { loaded: number; found: number }>;
  readonly missed: Missed[];
}

export interface JudgeOptions {
  readonly count: number;
  readonly seed: number;
  readonly onPage?: (judgement: Judgement) => void;
}

/** A text that the page has shown, and what was found in it. */
interface Shown {
  readonly text: GeneratedText;
  readonly found: ReadonlySet<string>;
}

/** Generates texts, lets Chromium show them, and compares what it loads with what the readers of texts find. */
export async function judgeTexts(page: TextPage, { count, seed, onPage }: JudgeOptions): Promise<Judgement> {
  const judgement: Judgement = { seed, texts: 0, loaded: new Map(), missed: [] };
  const dice = new Dice(seed);
  const shown = new Map<number, Shown>();
  while (judgement.texts < count) {
    const many = Math.min(TEXTS_PER_PAGE, count - judgement.texts);
    const texts = Array.from({ length: many }, (_, at) => {
      const number = judgement.texts + at;
      const text = newText(dice, number);
      shown.set(number, text);
      // a few requests of a page come when the next one is there already
      shown.delete(number - 3 * TEXTS_PER_PAGE);
      return text;
    });
    await page.show(texts.map(({ text }) => text));
    compare(page.takeRequests(), shown, judgement);
    judgement.texts += many;
    onPage?.(judgement);
  }
  return judgement;
}

function newText(dice: Dice, number: number): Shown {
  let files = 0;
  const text = generateText(dice, {
    base: `/t/${String(number)}/`,
    next: () => awkwardName(dice, files++),
  });
  return { text, found: new Set(new TextReader(text.format).read(text.value).map(requestFor)) };
}

function compare(
  requested: readonly string[],
  shown: ReadonlyMap<number, Shown>,
  judgement: Judgement,
): void {
  for (const url of new Set(requested)) {
    const [, number, place] = /^\/t\/(\d+)\/(\d+)/.exec(url) ?? [];
    const one = shown.get(Number(number));
    if (!one) continue;
    const { text, found } = one;
    const kind = text.placed[Number(place)]?.kind ?? 'nothing that was placed';
    const counted = judgement.loaded.get(kind) ?? { loaded: 0, found: 0 };
    judgement.loaded.set(kind, counted);
    counted.loaded++;
    if (found.has(decoded(url))) counted.found++;
    else judgement.missed.push({ kind, requested: url, text });
  }
}

/** What a browser sends for an address. */
function requestFor(value: unknown): string {
  try {
    const { href } = new URL(String(value), ORIGIN);
    return decoded(href.slice(ORIGIN.length).replace(/#.*/, ''));
  } catch {
    return '';
  }
}

/** Node and Chromium do not encode the very same characters. */
function decoded(url: string): string {
  try {
    return decodeURIComponent(url);
  } catch {
    return url;
  }
}

export function missedThatMustBeFound({ missed }: Judgement): Missed[] {
  return missed.filter(({ kind }) => kind === 'nothing that was placed' || MUST_BE_FOUND.includes(kind));
}

export function describeJudgement({ seed, texts, loaded, ...judgement }: Judgement): string {
  const kinds = [...loaded].sort(([one], [other]) => one.localeCompare(other));
  const lines = kinds.map(
    ([kind, { loaded: all, found }]) => `  ${kind}: ${String(found)} of ${String(all)} found`,
  );
  const missed = [...missedThatMustBeFound(judgement as Judgement), ...judgement.missed]
    .slice(0, 12)
    .map(describeMissed);
  return [`${String(texts)} texts, seed ${String(seed)}`, ...lines, ...missed].join('\n');
}

function describeMissed({ kind, requested, text }: Missed): string {
  return `missed ${kind} ${requested} in ${text.format}: ${JSON.stringify(text.value)}`;
}
