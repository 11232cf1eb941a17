import { expect } from 'chai';
import mongoose from 'mongoose';
import { cleanupFor, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { holdWrite, releaseHeldWrites, type HeldWrite } from '../support/held-writes.js';

type Find = (...args: unknown[]) => { close(): Promise<void> };

/** A query of Mongoose begins when somebody waits for it. */
async function start(act: () => Promise<unknown>): Promise<unknown> {
  return act();
}

/** Does something between the last reply to the next question and the moment in which the library sees its end. */
function afterNextQuestion(act: () => Promise<unknown>): () => void {
  const prototype = mongoose.mongo.Collection.prototype as unknown as Record<string, Find>;
  const find = prototype['find']!;
  let isDone = false;
  prototype['find'] = function (this: unknown, ...args) {
    const cursor = find.apply(this, args);
    if (isDone || !Object.hasOwn(args[0] as object, '$or')) return cursor;
    isDone = true;
    const close = cursor.close.bind(cursor);
    cursor.close = async () => {
      await close();
      await act();
    };
    return cursor;
  };
  return () => {
    prototype['find'] = find;
  };
}

describe('attack: writes at the same time', () => {
  let s: TestApp;
  let restore: (() => void) | undefined;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('old.png', 'x.png', 'y.png');
  });
  afterEach(() => {
    restore?.();
    restore = undefined;
    releaseHeldWrites();
  });
  afterEach(closeTestApps);

  async function album(options: ImageCleanupOptions = {}): Promise<[AnyDocumentModel, unknown]> {
    const Album = s.model('Album', { image: String, title: String, version: Number }, options);
    const { _id: id } = await Album.create({ image: 'old.png', version: 1 });
    return [Album, id];
  }

  /** A replacement of `old.png` by `y.png` that has looked up and is not sent. */
  async function heldReplacement(
    Album: AnyDocumentModel,
    _id: unknown,
  ): Promise<[HeldWrite, Promise<unknown>]> {
    const held = holdWrite('updateOne', 'y.png', 'before');
    const slow = start(() => Album.updateOne({ _id }, { image: 'y.png' }));
    await held.isReached;
    return [held, slow];
  }

  for (const options of [{}, { includeResultMetadata: true }, { rawResult: true }]) {
    const named = Object.keys(options)[0] ?? 'no option';
    it(`findOneAndUpdate with ${named} that found no document has stored nothing: its upload stays for the next try`, async () => {
      const [Album, id] = await album();
      const [held, slow] = await heldReplacement(Album, id);
      await Album.findOneAndUpdate({ _id: id, version: 7 }, { $set: { image: 'x.png' } }, options as object);
      held.release();
      await slow;
      await cleanupFor(Album).idle();
      expect(await s.uploads.names()).to.deep.equal(['x.png', 'y.png']);
    });
  }

  it('close() tells of a file that waits for a write, which then stays', async () => {
    const [Album, _id] = await album();
    const held = holdWrite('insertOne', 'old.png', 'before');
    const slow = start(() => Album.create({ image: 'old.png', title: 'held' }));
    await held.isReached;
    await Album.updateOne({ _id }, { image: 'y.png' });
    expect(await cleanupFor(Album).close()).to.deep.equal({ givenUp: 1 });
    expect(await s.outcomes()).to.deep.equal(['kept old.png (closed)']);
    await Album.collection.deleteMany({});
    held.release();
    await slow;
    await Album.collection.deleteMany({});
    expect(await s.outcomes()).to.deep.equal([]);
    expect(await s.uploads.has('old.png')).to.equal(true);
  });

  for (const begins of ['before', 'during'] as const) {
    it(`a file stays that a write took up which began ${begins} the question, came after it and was over before its end`, async () => {
      const [Album, _id] = await album();
      const held = holdWrite('insertOne', 'old.png', 'before');
      const takeUp = (): Promise<unknown> => start(() => Album.create({ image: 'old.png' }));
      let other = begins === 'before' ? takeUp() : undefined;
      if (other) await held.isReached;
      restore = afterNextQuestion(async () => {
        other ??= takeUp();
        held.release();
        await other;
      });
      await Album.updateOne({ _id }, { image: 'y.png' });
      expect(await s.outcomes()).to.deep.equal(['kept old.png (still used)']);
      expect(await s.uploads.has('old.png')).to.equal(true);
    });
  }

  it('what overlapping writes displaced of each other is told when nobody knows whether it is used', async () => {
    const away = (): Promise<boolean[]> => Promise.reject(new Error('away'));
    const [Album, id] = await album({ references: [away] });
    const [held, slow] = await heldReplacement(Album, id);
    await Album.updateOne({ _id: id }, { image: 'x.png' });
    held.release();
    await slow;
    expect(await s.outcomes()).to.include('kept x.png (unanswered)');
  });

  it('what overlapping writes displaced of each other is told in a dry run', async () => {
    const [Album, id] = await album({ dryRun: true });
    const [held, slow] = await heldReplacement(Album, id);
    await Album.updateOne({ _id: id }, { image: 'x.png' });
    held.release();
    await slow;
    expect(await s.outcomes()).to.include('kept x.png (dry run)');
  });

  it('an import asks nothing because another document is updated at the same time', async () => {
    const [Album, _id] = await album();
    const held = holdWrite('insertMany', '0.png', 'before');
    const images = Array.from({ length: 2000 }, (_, index) => ({ image: `${String(index)}.png` }));
    const slow = start(() => Album.insertMany(images));
    await held.isReached;
    await Album.updateOne({ _id }, { image: 'y.png' });
    const commands = watchCommands(s.connection);
    held.release();
    await slow;
    await cleanupFor(Album).idle();
    expect(commands.of('find')).to.deep.equal([]);
  });

  it('a file that is missing is told also where another of that name was removed before', async () => {
    const [Album] = await album();
    await Album.deleteOne({ image: 'old.png' });
    expect(await s.outcomes()).to.deep.equal(['removed old.png']);
    await Album.create({ image: 'old.png' });
    await Album.deleteOne({ image: 'old.png' });
    expect(await s.outcomes()).to.deep.equal(['missing old.png']);
  });
});
