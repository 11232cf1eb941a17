import { expect } from 'chai';
import { cleanupFor, type Asset, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { MemoryStorage } from '../support/memory-storage.js';

const MANY = 3000;

describe('batches', () => {
  let s: TestApp;
  let storage: MemoryStorage;
  const calls: string[][] = [];
  beforeEach(async () => {
    s = await testApp();
    storage = new MemoryStorage();
    calls.length = 0;
  });
  afterEach(closeTestApps);

  async function albums(count: number, provider: StorageProvider): Promise<AnyDocumentModel> {
    const Album = s.model('Album', { image: { type: String, index: true } }, { provider });
    const names = Array.from({ length: count }, (_, index) => `n${String(index)}.png`);
    for (const name of names) await storage.put(name);
    await Album.insertMany(names.map((image) => ({ image })));
    return Album;
  }

  function watched(batchSize?: number): StorageProvider {
    const provider = storage.provider(batchSize);
    return {
      ...provider,
      remove(assets, options) {
        calls.push(assets.map(({ key }) => key));
        return provider.remove(assets, options);
      },
    };
  }

  it('of many documents go to the provider in the size it wants, each file once', async () => {
    const Album = await albums(MANY, watched(100));
    await Album.deleteMany({});
    expect(calls.map(({ length }) => length)).to.deep.equal(new Array(MANY / 100).fill(100));
    expect(new Set(calls.flat())).to.have.property('size', MANY);
    expect(s.events).to.have.length(MANY);
    expect(await storage.contents()).to.deep.equal([]);
  });

  it('cost a number of commands that does not grow with the documents but with the batches', async () => {
    const Album = await albums(MANY, watched(100));
    const commands = watchCommands(s.connection);
    await Album.updateMany({}, { $unset: { image: 1 } });
    await cleanupFor(Album).idle();
    const questions = commands.of('find').filter(({ filter }) => filter.$or);
    expect(questions).to.have.length(MANY / 500);
  });

  it('one failing file does not hold back the rest', async () => {
    storage.fail('refused');
    const Album = await albums(250, watched(100));
    await Album.deleteMany({});
    expect(await storage.contents()).to.have.length(1);
    expect(s.events.filter(({ outcome }) => outcome === 'failed')).to.have.length(1);
  });

  it('one slow call does not hold back the other calls', async () => {
    const provider = watched(100);
    let finish = (): void => undefined;
    const isFree = new Promise<void>((resolve) => (finish = resolve));
    const Album = await albums(250, {
      ...provider,
      async remove(assets, options) {
        if (assets.some(({ key }) => key === 'n0.png')) await isFree;
        return provider.remove(assets, options);
      },
    });
    const deletion = Album.deleteMany({}).exec();
    while ((await storage.contents()).length > 100) await new Promise((resolve) => setImmediate(resolve));
    finish();
    await deletion;
    expect(await storage.contents()).to.deep.equal([]);
  });

  it('the question is asked again for the files that wait for an earlier question to be acted upon', async () => {
    let isFirst = true;
    const provider = storage.provider(1);
    const Album = await albums(10, {
      ...provider,
      async remove(assets: readonly Asset[], options) {
        // while the first files leave, a document takes up one of those that come after them
        if (isFirst) {
          isFirst = false;
          await Album.create({ image: 'n9.png' });
        }
        return provider.remove(assets, options);
      },
    });
    await Album.deleteMany({});
    expect(await storage.contents()).to.have.length(1);
    expect((await s.outcomes()).filter((told) => told.startsWith('kept'))).to.deep.equal([
      'kept n9.png (still used)',
    ]);
  });

  it('files that wait for their turn and are written anew meanwhile stay', async () => {
    let isFirst = true;
    const provider = storage.provider(1);
    const Album = await albums(10, {
      ...provider,
      async remove(assets: readonly Asset[], options) {
        if (isFirst) {
          isFirst = false;
          await storage.put('n9.png');
        }
        return provider.remove(assets, options);
      },
    });
    await Album.deleteMany({});
    expect((await s.outcomes()).filter((told) => told.startsWith('kept'))).to.deep.equal([
      'kept n9.png (changed)',
    ]);
  });
});
