import { fork } from 'node:child_process';
import { once } from 'node:events';
import { unlinkSync } from 'node:fs';
import path from 'node:path';
import type { Model } from 'mongoose';
import { build } from './build.js';
import { inTurn, timed } from './measure.js';
import type { Result } from './result.js';
import { insertPictures, type Picture, type Setting } from './setting.js';
import { byHand, carefullyByHand, withPlugin } from './ways.js';

/** `deleteMany` with files, against a script tuned by hand, and against one that is as careful as the plugin. */
export async function deleteMany(setting: Setting): Promise<Result[]> {
  const { plain, plugged, root } = setting;
  const built = build();
  const results: Result[] = [];
  for (const [count, rounds] of [
    [10_000, 3],
    [100_000, 1],
  ] as const) {
    const what = `deleteMany over ${count.toLocaleString('en')} documents with files`;
    const run = (model: Model<Picture>, way: () => Promise<unknown>) => async (): Promise<number> => {
      await prepare(setting, model, count);
      return timed(way);
    };
    const ours = run(plugged, () => withPlugin(plugged));
    const pair = await inTurn(
      rounds,
      ours,
      run(plain, () => byHand(plain, root)),
    );
    const memory = async (way: string, model: Model<Picture>): Promise<string> => {
      await prepare(setting, model, count);
      return peakOf(built, way, setting);
    };
    const peaks = `peak memory ${await memory('withPlugin', plugged)} against ${await memory('byHand', plain)}`;
    const note = `${peaks}, ${String(await bytesForEach(built, count, setting))} bytes of heap for each file`;
    results.push({ what, against: 'a script tuned by hand', pair, goal: '≤ 1.3', note });
    if (count > 10_000) continue;
    results.push({
      what,
      against: 'the same script, which also asks who shares a file and whether it is still the one',
      pair: await inTurn(
        rounds,
        ours,
        run(plain, () => carefullyByHand(plain, root)),
      ),
      goal: 'shown',
    });
  }
  return results;
}

async function prepare(setting: Setting, model: Model<Picture>, count: number): Promise<void> {
  await insertPictures(model, setting.fill('d', count));
}

/** Of a process that does nothing else, above what it has at rest. */
async function peakOf(built: string, way: string, { uri, database, root }: Setting): Promise<string> {
  const child = fork(path.join(built, 'bench/peak.js'), [way, uri, database, root], { execArgv: [] });
  const [bytes] = (await once(child, 'message')) as [number];
  return `${(bytes / 1e6).toFixed(0)} MB`;
}

async function bytesForEach(built: string, count: number, setting: Setting): Promise<number> {
  const { uri, database, root } = setting;
  // with their fingerprints, which files that do not exist lack
  const names = setting.fill('b', count);
  const named = [uri, database, root, String(count)];
  const child = fork(path.join(built, 'bench/bytes.js'), named, { execArgv: ['--expose-gc'] });
  const [bytes] = (await once(child, 'message')) as [number];
  for (const name of names) unlinkSync(path.join(root, name));
  return bytes;
}
