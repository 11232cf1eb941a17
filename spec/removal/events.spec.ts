import { expect } from 'chai';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { cleanupFor, type CleanupEvent, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';

describe('events', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  async function deleteTwo(options: ImageCleanupOptions): Promise<void> {
    const Album = s.model('Album', { gallery: [String] }, { fields: ['gallery'], ...options });
    const album = await Album.create({ gallery: ['a.png', 'b.png'] });
    await album.deleteOne();
    await cleanupFor(Album).idle();
  }

  it('tell everything about one asset of one write', async () => {
    const Album = s.model('Album', { image: String });
    const album = await Album.create({ image: '/uploads/a.png' });
    await album.deleteOne();
    expect(s.events).to.deep.equal([
      {
        outcome: 'removed',
        asset: { provider: 'local', key: s.uploads.path('a.png') },
        value: '/uploads/a.png',
        field: 'image',
        model: 'Album',
        documentId: album._id,
        operation: 'deleteOne',
        attempts: 1,
      },
    ]);
  });

  it('also go to the diagnostics channel', async () => {
    const heard: CleanupEvent[] = [];
    const listen = (event: unknown): void => void heard.push(event as CleanupEvent);
    subscribe('mongoose-image-cleanup:removed', listen);
    try {
      await deleteTwo({});
    } finally {
      unsubscribe('mongoose-image-cleanup:removed', listen);
    }
    expect(heard).to.deep.equal(s.events);
    expect(heard).to.have.length(2);
  });

  for (const [name, onEvent] of Object.entries<() => unknown>({
    throws: () => {
      throw new Error('a faulty listener');
    },
    rejects: () => Promise.reject(new Error('a faulty listener')),
  })) {
    it(`a listener that ${name} stops nothing and reaches nobody`, async () => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', note);
      try {
        await deleteTwo({
          onEvent: (event) => {
            s.events.push(event);
            return onEvent();
          },
        });
        await new Promise((resolve) => setImmediate(resolve));
      } finally {
        process.off('unhandledRejection', note);
      }
      expect(unhandled).to.deep.equal([]);
      expect(s.events).to.have.length(2);
      expect(await s.uploads.names()).to.deep.equal([]);
    });
  }

  for (const [name, log] of Object.entries<() => never>({
    throws: () => {
      throw new Error('a faulty logger');
    },
    rejects: () => Promise.reject(new Error('a faulty logger')) as never,
  })) {
    it(`a logger that ${name} stops nothing and reaches nobody`, async () => {
      const unhandled: unknown[] = [];
      const note = (reason: unknown): void => void unhandled.push(reason);
      process.on('unhandledRejection', note);
      const store = recordingProvider('a.png', 'b.png');
      store.fail((assets) =>
        Promise.resolve(assets.map(() => ({ outcome: 'failed', error: new Error('no'), retryable: false }))),
      );
      try {
        await deleteTwo({ logger: { warn: log, error: log } });
        s.connection.deleteModel('Album');
        await deleteTwo({ logger: { warn: log, error: log }, provider: store });
        s.connection.deleteModel('Album');
        await deleteTwo({ logger: { warn: log, error: log }, enabled: log });
        await new Promise((resolve) => setImmediate(resolve));
      } finally {
        process.off('unhandledRejection', note);
      }
      expect(unhandled).to.deep.equal([]);
      expect(s.events.map(({ outcome }) => outcome)).to.deep.equal([
        'removed',
        'removed',
        'failed',
        'failed',
      ]);
    });
  }

  it('a provider that fails on one: the other leaves, one error is logged, the call resolves', async () => {
    const store = recordingProvider('a.png', 'b.png');
    const error = new Error('the disk is on fire');
    store.fail(([first]) => {
      const outcomes = [
        { outcome: 'failed' as const, error, retryable: false },
        { outcome: 'removed' as const },
      ];
      return Promise.resolve(first?.key === 'a.png' ? outcomes : outcomes.reverse());
    });
    await deleteTwo({ provider: store });
    expect(s.events.map(({ value, outcome }) => `${String(value)} ${outcome}`)).to.deep.equal([
      'a.png failed',
      'b.png removed',
    ]);
    expect(s.events[0]?.error).to.equal(error);
    const errors = s.log.filter((line) => line.includes('on fire'));
    expect(errors).to.have.length(1);
    expect(errors[0]).to.contain('a.png').and.contain('Album.gallery').and.contain('deleteOne');
  });

  for (const [name, answer] of Object.entries<() => unknown>({
    'throws at once': () => {
      throw new Error('broken');
    },
    rejects: () => Promise.reject(new Error('broken')),
    'rejects with no error': () => Promise.reject('broken' as unknown as Error),
    'answers with nothing': () => undefined,
    'answers with too few': () => Promise.resolve([{ outcome: 'removed' }]),
    'answers with nonsense': () => Promise.resolve([{ outcome: 'gone' }, null]),
  })) {
    it(`a provider that ${name} is a failed removal; the write stands`, async () => {
      const store = recordingProvider('a.png', 'b.png');
      store.fail(answer as never);
      await deleteTwo({ provider: store });
      expect(s.events.map(({ outcome }) => outcome)).to.deep.equal(['failed', 'failed']);
      for (const { error } of s.events) expect(error).to.be.instanceOf(Error);
    });
  }

  it('a provider that hangs delays the write no longer than timeoutMs', async () => {
    const store = recordingProvider('a.png', 'b.png');
    store.fail(() => new Promise(() => undefined));
    await deleteTwo({ provider: store, timeoutMs: 30, retry: { attempts: 2, minDelayMs: 1, maxDelayMs: 1 } });
    expect(s.events.map(({ outcome, attempts }) => `${outcome} ${String(attempts)}`)).to.deep.equal([
      'failed 2',
      'failed 2',
    ]);
  });

  for (const method of ['identify', 'forms', 'fingerprint', 'refusal', 'mask'] as const) {
    it(`a provider whose ${method} throws never reaches the write`, async () => {
      const store = recordingProvider('a.png', 'b.png');
      const broken = {
        ...store,
        [method]: () => {
          throw new Error('broken');
        },
      };
      await deleteTwo({ provider: broken });
      // without a look at the file nobody knows whether it is still the one that was meant
      const isHarmless = ['refusal', 'mask'].includes(method);
      expect(store.gone()).to.deep.equal(isHarmless ? ['a.png', 'b.png'] : []);
      expect(s.events).to.have.length(2);
    });
  }

  it("removal: 'background' does not wait for the provider", async () => {
    const store = recordingProvider('a.png', 'b.png');
    let finish = (): void => undefined;
    const gate = new Promise<void>((resolve) => (finish = resolve));
    const remove = store.remove.bind(store);
    const slow = {
      ...store,
      remove: async (...args: Parameters<typeof remove>) => gate.then(() => remove(...args)),
    };
    const Album = s.model('Album', { image: String }, { provider: slow, removal: 'background' });
    const album = await Album.create({ image: 'a.png' });
    await album.deleteOne();
    expect(s.events).to.deep.equal([]);
    finish();
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('a file written anew under the same name before a delayed removal is kept', async () => {
    const Album = s.model('Album', { image: String }, { retry: { minDelayMs: 1, maxDelayMs: 1 } });
    const album = await Album.create({ image: 'a.png' });
    const provider = s.options.provider as { remove: unknown };
    const real = provider.remove;
    provider.remove = async () => {
      provider.remove = real;
      await s.uploads.destroy();
      await s.uploads.put('b.png', 'a.png');
      return [{ outcome: 'failed', error: new Error('busy'), retryable: true }];
    };
    await album.deleteOne();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (changed)']);
    expect(await s.uploads.has('a.png')).to.equal(true);
  });

  it('before every retry the question is asked again', async () => {
    const store = recordingProvider('a.png');
    const Album = s.model(
      'Album',
      { image: String },
      { provider: store, retry: { minDelayMs: 1, maxDelayMs: 1 } },
    );
    const album = await Album.create({ image: 'a.png' });
    store.fail(async (assets) => {
      await Album.collection.insertOne({ image: 'a.png' });
      return assets.map(() => ({ outcome: 'failed', error: new Error('busy'), retryable: true }));
    });
    await album.deleteOne();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    expect(store.calls).to.have.length(1);
  });
});
