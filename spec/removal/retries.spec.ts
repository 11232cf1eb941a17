import { expect } from 'chai';
import {
  cleanupFor,
  type Asset,
  type ImageCleanupOptions,
  type RemovalOutcome,
  type StorageProvider,
} from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { HeldTimers } from '../support/held-timers.js';
import { MemoryStorage } from '../support/memory-storage.js';

const HOUR = 3_600_000;
const retry = { attempts: 4, minDelayMs: HOUR, maxDelayMs: 3 * HOUR };

describe('retries', () => {
  let s: TestApp;
  let clock: HeldTimers;
  let storage: MemoryStorage;
  beforeEach(async () => {
    clock = new HeldTimers().install();
    s = await testApp();
    storage = new MemoryStorage();
    for (const name of ['a.png', 'b.png', 'c.png']) await storage.put(name);
  });
  afterEach(async () => {
    clock.uninstall();
    await closeTestApps();
  });

  function album(options: ImageCleanupOptions = {}): AnyDocumentModel {
    const own = { fields: ['image', 'gallery'], provider: storage.provider(), retry, ...options };
    return s.model('Album', { image: String, gallery: [String] }, own);
  }

  const names = async (): Promise<string[]> =>
    (await storage.contents()).map((file) => file.replace(/#.*/, '')).sort();
  const settle = (model: AnyDocumentModel): Promise<void> => clock.until(cleanupFor(model).idle());

  it('come after a passing failure, and the event after the last of them', async () => {
    const Album = album();
    await Album.create({ image: 'a.png' });
    storage.fail('busy', 2);
    await Album.deleteOne({});
    expect(s.events).to.deep.equal([]);
    expect(await names()).to.include('a.png');
    await settle(Album);
    expect(s.events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['removed', 3]]);
    expect(await names()).to.deep.equal(['b.png', 'c.png']);
  });

  it('end in one "failed" with the cause', async () => {
    const Album = album();
    await Album.create({ image: 'a.png' });
    storage.fail('busy', 100);
    await Album.deleteOne({});
    await settle(Album);
    expect(s.events).to.have.length(1);
    expect(s.events[0]).to.include({ outcome: 'failed', attempts: 4 });
    expect(s.events[0]!.error).to.have.property('message', 'busy');
    expect(s.log.filter((line) => line.includes('could not be removed after 4 attempts'))).to.have.length(1);
  });

  it('wait longer each time, never all at the same time', async () => {
    const Album = album();
    await Album.create({ image: 'a.png' });
    storage.fail('busy', 100);
    await Album.deleteOne({});
    const waits: number[] = [];
    while (s.events.length === 0) {
      if (clock.size > 0) waits.push(clock.delays()[0]!);
      clock.advance();
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(waits).to.have.length(3);
    for (const [index, base] of [HOUR, 2 * HOUR, 3 * HOUR].entries()) {
      expect(waits[index]).to.be.within(base / 2 - 1000, base);
    }
  });

  it('come at the time that the provider gives, where it is later', async () => {
    const at = new Date(Date.now() + 100 * HOUR);
    const provider = failing(1, { outcome: 'failed', error: new Error('420'), retryable: true, retryAt: at });
    const Album = album({ provider });
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    expect(clock.delays()[0]).to.be.greaterThan(99 * HOUR);
    await settle(Album);
    expect(await names()).to.deep.equal(['b.png', 'c.png']);
  });

  it('do not come after a refusal', async () => {
    const Album = album();
    await Album.create({ image: 'a.png' });
    storage.fail('refused');
    await Album.deleteOne({});
    expect(s.events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['failed', 1]]);
    expect(clock.size).to.equal(0);
  });

  for (const code of ['EBUSY', 'EMFILE', 'ECONNRESET', 'ETIMEDOUT']) {
    it(`come after a provider threw ${code}`, async () => {
      const Album = album({ provider: throwing(1, Object.assign(new Error('passing'), { code })) });
      await Album.create({ image: 'a.png' });
      await Album.deleteOne({});
      await settle(Album);
      expect(s.events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['removed', 2]]);
    });
  }

  for (const code of ['EACCES', 'EPERM', 'EROFS', 'ENOSPC']) {
    it(`do not come after a provider threw ${code}`, async () => {
      const Album = album({ provider: throwing(1, Object.assign(new Error('lasting'), { code })) });
      await Album.create({ image: 'a.png' });
      await Album.deleteOne({});
      expect(s.events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['failed', 1]]);
    });
  }

  it('ask again before each of them: a file that a document has taken up stays', async () => {
    const Album = album();
    await Album.create({ image: 'a.png' });
    storage.fail('busy', 2);
    await Album.deleteOne({});
    await Album.create({ image: '/uploads/a.png' });
    await settle(Album);
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    expect(await names()).to.include('a.png');
  });

  it('say "still used" too when the document that dropped the file has it again', async () => {
    const Album = album();
    const { _id } = await Album.create({ image: 'a.png' });
    storage.fail('busy');
    await Album.updateOne({ _id }, { image: 'b.png' });
    await Album.updateOne({ _id }, { image: 'a.png' });
    await settle(Album);
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)', 'removed b.png']);
  });

  it('leave a file that was written anew under the same name', async () => {
    const Album = album();
    await Album.create({ image: 'a.png' });
    storage.fail('busy');
    await Album.deleteOne({});
    await storage.put('a.png');
    await settle(Album);
    expect(await s.outcomes()).to.deep.equal(['kept a.png (changed)']);
    expect(await names()).to.include('a.png');
  });

  it('of one file do not hold back another', async () => {
    const Album = album();
    await Album.create({ gallery: ['a.png', 'b.png', 'c.png'] });
    storage.fail('busy');
    await Album.deleteOne({});
    expect(await names()).to.deep.equal(['a.png']);
    await settle(Album);
    expect(await names()).to.deep.equal([]);
  });

  it('are bounded in number: what finds no room has failed at once', async () => {
    const many = Array.from({ length: 10_050 }, (_, index) => `n${String(index)}.png`);
    const Album = album({ provider: { ...storage.provider(1000), remove: busyForever } });
    await Album.create({ gallery: many });
    await Album.deleteOne({});
    const failed = s.events.filter(({ outcome }) => outcome === 'failed');
    expect(failed).to.have.length(50);
    expect(clock.size).to.equal(1);
    await cleanupFor(Album).close({ timeoutMs: 1 });
  });

  it('run four goes at the same time at most', async () => {
    const running = { now: 0, most: 0 };
    const waiting: (() => void)[] = [];
    let isBusy = true;
    const provider: StorageProvider = {
      ...storage.provider(500),
      async remove(assets) {
        if (isBusy) return busyForever(assets);
        running.most = Math.max(running.most, ++running.now);
        await new Promise<void>((resolve) => waiting.push(resolve));
        running.now--;
        return assets.map(() => ({ outcome: 'missing' }));
      },
    };
    const Album = album({ provider });
    await Album.create({ gallery: Array.from({ length: 5000 }, (_, index) => `n${String(index)}.png`) });
    await Album.deleteOne({});
    isBusy = false;
    const idle = cleanupFor(Album).idle();
    const release = setInterval(() => {
      // let all come that may come, then let one go on
      if (running.now === 4 || running.now + s.events.length / 500 >= 10) waiting.shift()?.();
    }, 1);
    await clock.until(idle).finally(() => {
      clearInterval(release);
    });
    expect(running.most).to.equal(4);
    expect(s.events).to.have.length(5000);
  });

  it('a time that the provider gives and that is none is ignored', async () => {
    const retryAt = 'soon' as unknown as Date;
    const provider = failing(1, { outcome: 'failed', error: new Error('420'), retryable: true, retryAt });
    const Album = album({ provider });
    await Album.create({ gallery: ['a.png', 'b.png'] });
    await Album.deleteOne({});
    await settle(Album);
    expect(await names()).to.deep.equal(['c.png']);
    expect(s.log.join()).to.not.include('unexpected');
  });

  function busyForever(assets: readonly Asset[]): Promise<RemovalOutcome[]> {
    const busy = { outcome: 'failed', error: new Error('busy'), retryable: true } as const;
    return Promise.resolve(assets.map(() => busy));
  }

  /** A provider whose first `times` assets end in the given outcome. */
  function failing(times: number, outcome: RemovalOutcome): StorageProvider {
    const provider = storage.provider();
    let left = times;
    return {
      ...provider,
      remove: (assets, options) =>
        left-- > 0 ? Promise.resolve(assets.map(() => outcome)) : provider.remove(assets, options),
    };
  }

  function throwing(times: number, error: Error): StorageProvider {
    const provider = storage.provider();
    let left = times;
    return {
      ...provider,
      remove: (assets, options) => (left-- > 0 ? Promise.reject(error) : provider.remove(assets, options)),
    };
  }
});
