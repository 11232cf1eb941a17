import type { Model } from 'mongoose';
import { Connected } from './connected.js';
import { median, timed } from './measure.js';
import { addHandWrittenHooks, replaceOneByOne } from './one-image.js';
import type { Series } from './result.js';
import { insertPictures, type Picture, type Setting } from './setting.js';
import { byHand, carefullyByHand, withPlugin } from './ways.js';

const ROUNDS = 3;
const REPLACED = 20;

/** How the cost grows: with the files of one write, with the documents of a collection, and with the collections. */
export async function growth(setting: Setting): Promise<Series[]> {
  return [await withFiles(setting), await withDocuments(setting), await withModels(setting)];
}

async function withFiles(setting: Setting): Promise<Series> {
  const { plain, plugged, root } = setting;
  const counts = [100, 1000, 10_000, 100_000];
  const ways: [string, Model<Picture>, () => Promise<unknown>][] = [
    ['the plugin', plugged, () => withPlugin(plugged)],
    ['a script that asks and looks as carefully', plain, () => carefullyByHand(plain, root)],
    ['a script tuned by hand', plain, () => byHand(plain, root)],
  ];
  const lines = ways.map(([name]) => ({ name, ms: [] as number[] }));
  for (const count of counts) {
    const times = ways.map(() => [] as number[]);
    for (let round = 0; round < (count > 10_000 ? 1 : ROUNDS); round++) {
      for (const [at, [, model, way]] of ways.entries()) {
        await insertPictures(model, setting.fill('g', count));
        times[at]!.push(await timed(way));
      }
    }
    for (const [at, own] of times.entries()) lines[at]!.ms.push(median(own));
  }
  return {
    name: 'files',
    title: 'Time of deleteMany, by the number of its files',
    x: counts,
    unit: 'files',
    lines,
  };
}

async function withDocuments(setting: Setting): Promise<Series> {
  const counts = [100, 1000, 10_000, 20_000, 50_000];
  const names = ['the plugin', 'the plugin with mentionsUpTo: 0', 'a hand-written hook'];
  const lines = names.map((name) => ({ name, ms: [] as number[] }));
  for (const count of counts) {
    // opened anew: a model asks for the size of its collection at most once a minute
    const [one, other] = [await Connected.open(setting, 'documents'), await Connected.open(setting, 'never')];
    const models = [
      await one.model({}),
      await other.model({ mentionsUpTo: 0 }),
      await other.bare('ByHand', {}, (schema) => {
        addHandWrittenHooks(schema, setting.root);
      }),
    ];
    for (const [at, model] of models.entries()) {
      await insertPictures(
        model,
        Array.from({ length: count }, (_, n) => `kept${String(n)}.png`),
      );
      lines[at]!.ms.push(await oneReplacement(setting, model));
    }
    await one.close();
    await other.close();
  }
  const title = 'Time to replace one image, by the documents of its collection';
  return { name: 'documents', title, x: counts, unit: 'documents', lines };
}

async function withModels(setting: Setting): Promise<Series> {
  const counts = [1, 2, 5, 10, 20];
  const connected = await Connected.open(setting, 'models');
  const model = await connected.model({});
  const line = { name: 'the plugin', ms: [] as number[] };
  let made = 1;
  for (const count of counts) {
    for (; made < count; made++) await connected.model({}, { name: `Other${String(made)}` });
    line.ms.push(await oneReplacement(setting, model));
  }
  await connected.close();
  const title = 'Time to replace one image, by the models that may use it';
  return { name: 'models', title, x: counts, unit: 'models', lines: [line] };
}

/** The median of some rounds, after one that warms up. */
async function oneReplacement(setting: Setting, model: Model<Picture>): Promise<number> {
  const times: number[] = [];
  for (let round = 0; round <= ROUNDS; round++)
    times.push((await replaceOneByOne(setting, model, REPLACED)) / REPLACED);
  return median(times.slice(1));
}
