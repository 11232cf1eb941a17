import { expect } from 'chai';
import { cleanupFor, type ImageCleanupOptions, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { HeldTimers } from '../support/held-timers.js';
import { MemoryStorage } from '../support/memory-storage.js';

const HOUR = 3_600_000;
const retry = { attempts: 4, minDelayMs: HOUR, maxDelayMs: HOUR };

describe('idle and close', () => {
  let s: TestApp;
  let clock: HeldTimers;
  let storage: MemoryStorage;
  beforeEach(async () => {
    clock = new HeldTimers().install();
    s = await testApp();
    storage = new MemoryStorage();
    await storage.put('a.png');
    await storage.put('b.png');
  });
  afterEach(async () => {
    clock.uninstall();
    await closeTestApps();
  });

  async function album(options: ImageCleanupOptions = {}): Promise<AnyDocumentModel> {
    const Album = s.model('Album', { image: String }, { provider: storage.provider(), retry, ...options });
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    return Album;
  }

  it('idle waits for a removal in the background', async () => {
    const Album = await album({ removal: 'background' });
    await Album.deleteMany({});
    await cleanupFor(Album).idle();
    expect(await storage.contents()).to.deep.equal([]);
  });

  it('idle resolves at once where nothing is to do', async () => {
    await cleanupFor(await album()).idle();
  });

  it('close tries what waits once more at once', async () => {
    const Album = await album();
    storage.fail('busy', 2);
    await Album.deleteMany({});
    expect(await storage.contents()).to.have.length(2);
    expect(await cleanupFor(Album).close()).to.deep.equal({ givenUp: 0 });
    expect(await s.outcomes()).to.deep.equal(['removed a.png', 'removed b.png']);
  });

  it('close reports what it gave up, with the cause', async () => {
    const Album = await album();
    storage.fail('busy', 100);
    await Album.deleteMany({});
    expect(await cleanupFor(Album).close({ timeoutMs: 50 })).to.deep.equal({ givenUp: 2 });
    expect(s.events.map(({ outcome, error }) => [outcome, error?.message])).to.deep.equal([
      ['failed', 'busy'],
      ['failed', 'busy'],
    ]);
    expect(clock.size).to.equal(0);
  });

  it('after close files are kept, and writes still work', async () => {
    const Album = await album();
    await cleanupFor(Album).close();
    await Album.deleteOne({ image: 'a.png' });
    expect(await Album.countDocuments()).to.equal(1);
    expect(await s.outcomes()).to.deep.equal(['kept a.png (closed)']);
  });

  it('what fails after close has given up is not tried again', async () => {
    let fail = (_error: Error): void => undefined;
    const provider: StorageProvider = {
      ...storage.provider(),
      remove: () => new Promise((_, reject) => (fail = reject)),
    };
    const Album = await album({ provider, removal: 'background' });
    const isCalled = new Promise<void>((resolve) => {
      const remove = provider.remove.bind(provider);
      provider.remove = (assets, options) => {
        const answer = remove(assets, options);
        resolve();
        return answer;
      };
    });
    await Album.deleteOne({ image: 'a.png' });
    await isCalled;
    await cleanupFor(Album).close({ timeoutMs: 1 });
    fail(Object.assign(new Error('too late'), { code: 'ECONNRESET' }));
    await cleanupFor(Album).idle();
    expect(s.events.map(({ outcome, error }) => [outcome, error?.message])).to.deep.equal([
      ['failed', 'too late'],
    ]);
    expect(clock.size).to.equal(0);
  });

  it('a look at a file that never ends holds up neither idle nor the write', async () => {
    const provider = { ...storage.provider(), fingerprint: () => new Promise<never>(() => undefined) };
    const Album = await album({ provider, timeoutMs: 30 });
    await Album.deleteOne({ image: 'a.png' });
    await cleanupFor(Album).idle();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (unanswered)']);
  });
});
