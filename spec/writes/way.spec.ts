import { expect } from 'chai';
import mongoose from 'mongoose';
import path from 'node:path';
import { localProvider, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp } from '../support/test-app.js';

const LIBRARY = path.dirname(require.resolve('../../lib/index.js'));

/** Our functions on the stack here, the innermost first. */
function framesHere(): string[] {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 100;
  const { stack = '' } = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  return stack
    .split('\n')
    .filter((line) => line.includes(LIBRARY + path.sep))
    .map((line) =>
      line
        .trim()
        .replace(/^at (async )?/, '')
        .replace(`${LIBRARY}${path.sep}`, ''),
    );
}

const restored: (() => void)[] = [];

/** The functions below each call of a method of the driver. */
function callsOf(name: 'find' | 'updateOne'): string[][] {
  const noted: string[][] = [];
  const driver = mongoose.mongo.Collection.prototype as unknown as Record<string, unknown>;
  const original = driver[name] as (...args: unknown[]) => unknown;
  driver[name] = function (this: unknown, ...args: unknown[]): unknown {
    noted.push(framesHere());
    return original.apply(this, args);
  };
  restored.push(() => {
    driver[name] = original;
  });
  return noted;
}

describe('the way of one write', () => {
  afterEach(() => {
    for (const restore of restored.splice(0)) restore();
    return closeTestApps();
  });

  it('is short: from the call to the driver, and from there to the removal', async () => {
    const s = await testApp();
    const local = localProvider({ root: s.uploads.root });
    const removals: string[][] = [];
    const provider: StorageProvider = {
      ...local,
      identify: (value) => local.identify(value),
      forms: (asset) => local.forms(asset),
      remove: (assets, how) => {
        removals.push(framesHere());
        return local.remove(assets, how);
      },
    };
    const Album = s.model('Album', { image: String }, { fields: ['image'], provider });
    await Album.create({ image: 'old.png' });
    await s.uploads.put('old.png');
    const finds = callsOf('find');
    const writes = callsOf('updateOne');
    await Album.updateOne({}, { image: 'new.png' });
    for (const [way, frames, most] of [
      ['from the call to the look-up', finds[0]!, 5],
      ['from the call to the write', writes.at(-1)!, 3],
      ['from the write to the question', finds[1]!, 16],
      ['from the write to the removal', removals[0]!, 15],
    ] as const) {
      const list = frames.join('\n      ');
      console.log(`    ${way}: ${String(frames.length)} functions\n      ${list}`);
      expect(frames, list).to.have.length.within(1, most);
    }
  });
});
