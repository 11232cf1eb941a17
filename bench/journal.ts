import type { Schema } from 'mongoose';
import mongoose, { type Model } from 'mongoose';
import { cleanupFor, imageCleanup, localProvider } from '../lib/index.js';
import { inTurn, timed } from './measure.js';
import { replaceOneByOne } from './one-image.js';
import type { Result } from './result.js';
import { insertPictures, type Picture, type Setting } from './setting.js';
import { withPlugin } from './ways.js';

const INTENTS = 'benchintents';
/** So long, in milliseconds, that nothing is due before the bench says so. */
const LATER = 3_600_000;
const WORKED = 10_000;

/** What a journal costs: one replacement, a large `deleteMany`, and a worker that drains. */
export async function journal(setting: Setting): Promise<Result[]> {
  const models = { noted: await modelWith(setting, 'Noted', 0), plugged: setting.plugged };
  return [
    await replacements(setting, models),
    await largeDelete(setting, { ...models, count: 10_000, rounds: 3 }),
    await worker(setting, await modelWith(setting, 'Kept', LATER)),
  ];
}

/** The same for 100,000 documents; minutes, most of them to write the files. */
export async function largeJournal(setting: Setting): Promise<Result[]> {
  const noted = await modelWith(setting, 'NotedMany', 0);
  return [await largeDelete(setting, { noted, plugged: setting.plugged, count: 100_000, rounds: 1 })];
}

async function modelWith(
  { root, model }: Setting,
  name: string,
  gracePeriod: number,
): Promise<Model<Picture>> {
  const known = mongoose.models[name] as Model<Picture> | undefined;
  if (known) return known;
  return model(name, (schema: Schema<Picture>) => {
    const provider = localProvider({ root });
    const options = { journal: { collection: INTENTS }, gracePeriod, timeoutMs: 600_000 };
    schema.plugin(imageCleanup, { fields: ['image'], provider, ...options });
  });
}

interface Models {
  readonly noted: Model<Picture>;
  readonly plugged: Model<Picture>;
}

async function replacements(setting: Setting, { noted, plugged }: Models): Promise<Result> {
  const run = (model: Model<Picture>) => () => replaceOneByOne(setting, model, 100);
  const pair = await inTurn(6, run(noted), run(plugged));
  return { what: '100 images replaced, with a journal', against: 'without', pair, goal: 'shown' };
}

async function largeDelete(
  setting: Setting,
  { noted, plugged, count, rounds }: Models & { count: number; rounds: number },
): Promise<Result> {
  const run = (model: Model<Picture>) => async (): Promise<number> => {
    await insertPictures(model, setting.fill('d', count));
    return timed(async () => {
      await withPlugin(model);
      await cleanupFor(model).idle();
    });
  };
  const pair = await inTurn(rounds, run(noted), run(plugged));
  const what = `deleteMany over ${count.toLocaleString('en')} documents with files, with a journal`;
  return { what, against: 'without', pair, goal: '≤ 1.3' };
}

/** A worker alone, against `deleteMany` without a journal, which removes as many files. */
async function worker(setting: Setting, kept: Model<Picture>): Promise<Result> {
  const ours = async (): Promise<number> => {
    await insertPictures(kept, setting.fill('w', WORKED));
    await kept.deleteMany({});
    const intents = mongoose.connection.db!.collection(INTENTS);
    await intents.updateMany({}, [{ $set: { dueAt: { $subtract: ['$$NOW', 1] } } }]);
    const time = await timed(() => cleanupFor(kept).runDue());
    const left = await intents.countDocuments();
    if (left > 0) throw new Error(`${String(left)} intents are left`);
    return time;
  };
  const theirs = async (): Promise<number> => {
    await insertPictures(setting.plugged, setting.fill('w', WORKED));
    return timed(() => withPlugin(setting.plugged));
  };
  const pair = await inTurn(3, ours, theirs);
  const rates = pair.ours.map((ms) => Math.round((WORKED / ms) * 1000)).sort((a, b) => a - b);
  return {
    what: `a worker that removes ${WORKED.toLocaleString('en')} due files`,
    against: 'deleteMany without a journal',
    pair,
    goal: '≥ 2,000 files/s',
    note: `${String(rates[0])}–${String(rates.at(-1))} files/s`,
  };
}
