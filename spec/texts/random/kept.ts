import type { AnyDocumentModel, TestApp } from '../../support/test-app.js';
import { Dice } from '../../support/spellings.js';
import { FORMATS, generateText } from './generate.js';
import { MUST_BE_FOUND, type GeneratedText } from './generated-text.js';
import { awkwardName } from './spelling.js';

const TEXTS_PER_BATCH = 100;
/** So many files that some are in one text, and some in texts of both halves. */
const FILES_PER_BATCH = 250;

/** A file that is gone although a text that is still there names it. */
export interface Lost {
  readonly name: string;
  readonly text: GeneratedText;
}

export interface Outcome {
  readonly seed: number;
  texts: number;
  removed: number;
  /** Files that removed texts have shown, that no text names any more, and that are still there. */
  orphans: string[];
  readonly lost: Lost[];
}

/** A model whose documents hold one text each, in the field of its format. */
export function textModel(app: TestApp): AnyDocumentModel {
  return app.model(
    'Text',
    { html: String, markdown: String, json: {} },
    { fields: FORMATS.map((format) => ({ path: format, in: format })), logger: { warn() {}, error() {} } },
  );
}

/** Stores texts which share files, takes half of them away in several ways, and looks which files went. */
export async function keepsWhatIsMentioned(
  app: TestApp,
  options: { count: number; seed: number; onBatch?: (outcome: Outcome) => void },
): Promise<Outcome> {
  const outcome: Outcome = { seed: options.seed, texts: 0, removed: 0, orphans: [], lost: [] };
  const Text = textModel(app);
  const dice = new Dice(options.seed);
  while (outcome.texts < options.count) {
    const many = Math.min(TEXTS_PER_BATCH, options.count - outcome.texts);
    await playBatch(app, Text, { dice, many, outcome });
    outcome.texts += many;
    options.onBatch?.(outcome);
  }
  return outcome;
}

interface Batch {
  readonly dice: Dice;
  readonly many: number;
  readonly outcome: Outcome;
}

async function playBatch(
  app: TestApp,
  Text: AnyDocumentModel,
  { dice, many, outcome }: Batch,
): Promise<void> {
  const names = Array.from({ length: FILES_PER_BATCH }, (_, number) => awkwardName(dice, number));
  await app.uploads.put(...names);
  const files = { base: '/uploads/', next: () => dice.pick(names) };
  const texts = Array.from({ length: many }, () => generateText(dice, files));
  const stored = await Text.insertMany(texts.map(({ format, value }) => ({ [format]: value })));
  const half = Math.ceil(many / 2);
  const ids = stored.slice(0, half).map(({ _id }) => _id as unknown);
  await takeAway(Text, ids, dice);

  const rest = texts.slice(half);
  const left = new Set(await app.uploads.names());
  const named = new Set(rest.flatMap(({ placed }) => placed.map(({ name }) => name)));
  for (const name of names) {
    if (!left.has(name)) outcome.removed++;
    if (named.has(name) && !left.has(name)) {
      outcome.lost.push({ name, text: rest.find((one) => one.placed.some((each) => each.name === name))! });
    }
  }
  const shown = texts
    .slice(0, half)
    .flatMap(({ placed }) => placed.filter(({ kind }) => MUST_BE_FOUND.includes(kind)));
  const dropped = new Set(shown.map(({ name }) => name));
  outcome.orphans.push(...[...dropped].filter((name) => left.has(name) && !named.has(name)));
  await Text.collection.deleteMany({});
  await app.uploads.empty();
}

/** At once, one after the other, or emptied. */
async function takeAway(Text: AnyDocumentModel, ids: unknown[], dice: Dice): Promise<void> {
  const [one, another, ...others] = ids;
  await Text.findByIdAndDelete(one);
  await Text.updateOne(
    { _id: another },
    { $unset: Object.fromEntries(FORMATS.map((format) => [format, 1])) },
  );
  if (dice.oneIn(2)) await Text.deleteMany({ _id: { $in: others } });
  else await Text.updateMany({ _id: { $in: others } }, { html: '<p>new</p>', markdown: 'new', json: {} });
}

export function describeOutcome({ seed, texts, removed, orphans, lost }: Outcome): string {
  const [first] = lost;
  const lines = [
    `${String(texts)} texts, seed ${String(seed)}: ${String(removed)} files removed, ${String(orphans.length)} orphans, ${String(lost.length)} lost`,
    ...(first ? [`lost ${first.name} of ${first.text.format}: ${JSON.stringify(first.text.value)}`] : []),
  ];
  return lines.join('\n');
}
