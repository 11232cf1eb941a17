import { expect } from 'chai';
import type { Asset, ReferenceFunction } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';

describe('reference functions', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  async function outcomesWith(reference: unknown, timeoutMs = 1000): Promise<string[]> {
    const references = [reference as ReferenceFunction];
    const Album = s.model('Album', { gallery: [String] }, { fields: ['gallery'], references, timeoutMs });
    await Album.create({ gallery: ['a.png', 'b.png'] });
    await Album.deleteMany({});
    return s.outcomes();
  }

  it('get the assets and a signal, and false lets a file go', async () => {
    let asked: readonly Asset[] = [];
    let signal: unknown;
    const outcomes = await outcomesWith((assets: readonly Asset[], options: { signal: AbortSignal }) => {
      asked = assets;
      signal = options.signal;
      return Promise.resolve([true, false]);
    });
    expect(outcomes).to.deep.equal(['kept a.png (still used)', 'removed b.png']);
    expect(asked).to.deep.equal([
      { provider: 'local', key: s.uploads.path('a.png') },
      { provider: 'local', key: s.uploads.path('b.png') },
    ]);
    expect(signal).to.be.instanceOf(AbortSignal);
  });

  it('may answer at once', async () => {
    expect(await outcomesWith(() => [false, false])).to.deep.equal(['removed a.png', 'removed b.png']);
  });

  for (const [name, answer] of Object.entries({
    undefined: [undefined, undefined],
    null: [null, null],
    0: [0, 0],
    'empty strings': ['', ''],
    objects: [{}, {}],
  })) {
    it(`anything but false keeps: ${name}`, async () => {
      expect(await outcomesWith(() => answer)).to.deep.equal([
        'kept a.png (still used)',
        'kept b.png (still used)',
      ]);
    });
  }

  for (const [name, reference] of Object.entries<() => unknown>({
    throw: () => {
      throw new Error('down');
    },
    reject: () => Promise.reject(new Error('down')),
    'throw no error': () => {
      throw null;
    },
    'answer with too few': () => [false],
    'answer with too many': () => [false, false, false],
    'answer with no array': () => false,
    'answer with nothing': () => undefined,
    'answer with a Set': () => new Set([false]),
    'never answer': () => new Promise(() => undefined),
  })) {
    it(`that ${name} keep the files`, async () => {
      const outcomes = await outcomesWith(reference, name === 'never answer' ? 30 : 1000);
      expect(outcomes).to.deep.equal(['kept a.png (unanswered)', 'kept b.png (unanswered)']);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
    });
  }

  it('that hang are told to stop', async () => {
    let reason: unknown;
    await outcomesWith(
      (_: unknown, { signal }: { signal: AbortSignal }) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => {
            reason = signal.reason;
            resolve([true, true]);
          });
        }),
      30,
    );
    expect(reason).to.have.property('name', 'TimeLimitError');
  });
});
