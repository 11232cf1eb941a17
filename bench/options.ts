import type { ImageCleanupOptions } from '../lib/index.js';
import { Connected } from './connected.js';
import { inTurn } from './measure.js';
import { replaceOneByOne } from './one-image.js';
import type { Result } from './result.js';
import type { Setting } from './setting.js';

const COUNT = 50;
const ROUNDS = 4;

interface Variant {
  readonly what: string;
  readonly options: Partial<ImageCleanupOptions>;
  readonly paths?: Record<string, unknown>;
  /** Other models with the plugin on the connection, or documents in the collection. */
  readonly models?: number;
  readonly documents?: number;
  /** What it is compared with, where that is not the plugin as it is. */
  readonly than?: Partial<ImageCleanupOptions>;
}

const VARIANTS: readonly Variant[] = [
  { what: '`journal: true`', options: { journal: true } },
  { what: '`gracePeriod: "7d"`, which leaves the files', options: { journal: true, gracePeriod: '7d' } },
  {
    what: 'mentions in a collection of 1,000 documents',
    options: {},
    documents: 1000,
    than: { mentionsUpTo: 0 },
  },
  {
    what: 'mentions in a collection of 10,000 documents',
    options: { mentionsUpTo: Infinity },
    documents: 10_000,
    than: { mentionsUpTo: 0 },
  },
  {
    what: 'a second field, which holds HTML',
    options: { fields: ['image', { path: 'body', in: 'html' }] },
    paths: { body: String },
  },
  { what: 'five models with the plugin instead of one', options: {}, models: 5 },
  { what: '`references: "document"`', options: { references: 'document' } },
  { what: '`dryRun: true`', options: { dryRun: true } },
  { what: '`enabled: false`', options: { enabled: false } },
];

/** What each option costs: 50 replacements of an image with it, against 50 without it. */
export async function options(setting: Setting): Promise<Result[]> {
  const results: Result[] = [];
  for (const variant of VARIANTS) results.push(await compare(setting, variant));
  return results;
}

async function compare(
  setting: Setting,
  { what, than = {}, documents = 0, ...variant }: Variant,
): Promise<Result> {
  const [ours, theirs] = [await Connected.open(setting, 'with'), await Connected.open(setting, 'without')];
  const paths = variant.paths ?? {};
  const plain = await theirs.model(than, { paths });
  const model = await ours.model(variant.options, { paths });
  for (let n = 1; n < (variant.models ?? 1); n++) await ours.model({}, { name: `Other${String(n)}` });
  for (const one of documents > 0 ? [plain, model] : [])
    await one.collection.insertMany(
      Array.from({ length: documents }, (_, n) => ({ image: `/uploads/kept${String(n)}.png` })),
    );
  const pair = await inTurn(
    ROUNDS,
    () => replaceOneByOne(setting, model, COUNT),
    () => replaceOneByOne(setting, plain, COUNT),
  );
  await ours.close();
  await theirs.close();
  const against = 'mentionsUpTo' in than ? '`mentionsUpTo: 0`' : 'without it';
  return { what: `${String(COUNT)} images replaced: ${what}`, against, pair, goal: 'shown' };
}
