import { expect } from 'chai';
import { memoryProvider, providerContract } from '../../lib/testing/index.js';
import type { MemoryProvider } from '../../lib/testing/index.js';
import { CONTRACT_RUNS } from '../support/counts.js';

providerContract('memory', {
  runs: CONTRACT_RUNS,
  create: () => memoryProvider({ batchSize: 7 }),
  seed: (provider, label) => {
    const value = (provider as MemoryProvider).put(label, 'content');
    return [value, `memory://${label}`, `${value}?v=2`, { memory: label, size: 3 }];
  },
  exists: (provider, label) => (provider as MemoryProvider).has(label),
  foreignValues: [
    '',
    'a.png',
    '/uploads/a.png',
    'memory:',
    'memory:../a',
    'memory:a//b',
    'other:a',
    { other: 'a' },
    { memory: 5 },
  ],
  fail: (provider) => (provider as MemoryProvider).failNext(100),
  hang: (provider) => (provider as MemoryProvider).hangNext(100),
});

for (const baseUrl of ['/static', 'https://cdn.example.com/static/']) {
  providerContract(`memory, served at ${baseUrl}`, {
    runs: CONTRACT_RUNS,
    create: () => memoryProvider({ baseUrl }),
    seed: (provider, label) => {
      const value = (provider as MemoryProvider).put(label);
      return [
        ...[value, `/static/${label}`, `static/${label}`, label, `./${label}`, `uploads/${label}`],
        ...[`./uploads/${label}`, `/static/${label}?v=2`, `memory:${label}`, { memory: label }],
        ...[
          { path: `uploads/${label}`, originalname: 'x.png' },
          { url: `/static/${label}`, path: label },
        ],
      ];
    },
    exists: (provider, label) => (provider as MemoryProvider).has(label),
    foreignValues: [
      '',
      '/other/a.png',
      '/static/',
      '/static/../a',
      '../a',
      'https://example.com/static/a',
      '/a.png',
    ],
    foreignAssets: [{ provider: 'memory', key: '/srv/uploads/a.png' }],
    fail: (provider) => (provider as MemoryProvider).failNext(100),
    hang: (provider) => (provider as MemoryProvider).hangNext(100),
  });
}

describe('memoryProvider', () => {
  const signal = new AbortController().signal;
  const assetOf = (key: string) => ({ provider: 'memory', key });

  it('holds what it is given, and says what it was asked', async () => {
    const provider = memoryProvider({ files: { a: '1' } });
    provider.put('b/c', '2');
    expect([...provider.files]).to.deep.equal([
      ['a', '1'],
      ['b/c', '2'],
    ]);
    await provider.remove([assetOf('a'), assetOf('x')], { signal });
    expect(provider.calls).to.deep.equal([
      { ids: ['a', 'x'], outcomes: [{ outcome: 'removed' }, { outcome: 'missing' }] },
    ]);
    expect(provider.has('a')).to.equal(false);
  });

  it('fails the next calls as told, then works', async () => {
    const provider = memoryProvider({ files: { a: '' } });
    const error = new Error('gone fishing');
    const retryAt = new Date(0);
    provider.failNext(1, { error, retryable: false, retryAt });
    expect(await provider.remove([assetOf('a')], { signal })).to.deep.equal([
      { outcome: 'failed', error, retryable: false, retryAt },
    ]);
    expect(await provider.remove([assetOf('a')], { signal })).to.deep.equal([{ outcome: 'removed' }]);
  });

  it('does half a batch', async () => {
    const provider = memoryProvider({ files: { a: '', b: '', c: '' } });
    provider.halveNext(1);
    const outcomes = await provider.remove(['a', 'b', 'c'].map(assetOf), { signal });
    expect(outcomes.map(({ outcome }) => outcome)).to.deep.equal(['removed', 'removed', 'failed']);
    expect([...provider.files.keys()]).to.deep.equal(['c']);
  });

  it('hangs until the signal is aborted, and waits where it is told to', async () => {
    const provider = memoryProvider({ files: { a: '' } });
    provider.hangNext(1);
    const controller = new AbortController();
    const hanging = provider.remove([assetOf('a')], { signal: controller.signal });
    expect(provider.calls).to.deep.equal([{ ids: ['a'], outcomes: null }]);
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await hanging).to.deep.equal([{ outcome: 'failed', error: reason, retryable: true }]);
    provider.delay(1);
    expect(await provider.remove([assetOf('a')], { signal })).to.deep.equal([{ outcome: 'removed' }]);
  });

  it('forgets faults and calls, not files', async () => {
    const provider = memoryProvider({ files: { a: '' } });
    provider.failNext(9);
    provider.delay(1e6);
    provider.reset();
    expect(await provider.remove([assetOf('a')], { signal })).to.deep.equal([{ outcome: 'removed' }]);
    expect(provider.calls).to.have.length(1);
  });

  it('goes by its name and its clock', async () => {
    const provider = memoryProvider({ name: 'cdn', now: () => new Date(5) });
    expect(provider.identify(provider.put('a'))).to.deep.equal({ provider: 'cdn', key: 'a' });
    expect(provider.identify('memory:a')).to.equal(null);
    expect(provider.refusal('cdn:../a')).to.equal('unsafe');
    for await (const { modifiedAt } of provider.list({})) expect(modifiedAt).to.deep.equal(new Date(5));
  });

  it('reads the paths of an app where it is told how they are served', () => {
    const provider = memoryProvider({ baseUrl: '/static', root: 'public/img' });
    expect(provider.put('a.png')).to.equal('/static/a.png');
    for (const value of [
      'a.png',
      '/static/a.png',
      'public/img/a.png',
      { path: 'public/img/a.png', filename: 'a.png' },
    ])
      expect(provider.identify(value), JSON.stringify(value)).to.deep.equal(assetOf('a.png'));
    expect(provider.possible('static/a.png').map(({ key }) => key)).to.deep.equal(['a.png', 'static/a.png']);
    expect(provider.identify({ path: 'a.png', url: '/static/b.png' })).to.equal(null);
    expect(provider.refusal({ path: 'a.png', url: '/static/b.png' })).to.equal('ambiguous');
    expect(provider.refusal({ url: '/static/b.png?v=1' })).to.equal('not canonical');
    expect(provider.refusal('/static/../a.png')).to.equal('unsafe');
    expect(provider.refusal('/other/a.png')).to.equal(null);
    expect(memoryProvider().identify('a.png')).to.equal(null);
  });

  it('takes no base that its values could not begin with', () => {
    for (const options of [
      { baseUrl: '' },
      { baseUrl: 'static' },
      { baseUrl: '/a b' },
      { baseUrl: '/' },
      { baseUrl: 7 },
    ])
      expect(() => memoryProvider(options as never), JSON.stringify(options)).to.throw(
        TypeError,
        '"baseUrl"',
      );
    for (const options of [{ root: 'x' }, { baseUrl: '/static', root: '../x' }])
      expect(() => memoryProvider(options), JSON.stringify(options)).to.throw(TypeError, '"root"');
  });

  it('refuses options that it does not know, and wrong ones, as the other providers do', () => {
    const refused =
      (options: object): (() => void) =>
      () =>
        void memoryProvider(options as never);
    expect(refused({ file: {} })).to.throw(TypeError, 'memoryProvider: unknown option "file"');
    expect(refused({ file: {} })).to.throw(TypeError, 'write "files"');
    for (const options of [{ name: '' }, { batchSize: 0 }, { files: { a: 1 } }, { derived: 1 }, { now: 1 }])
      expect(refused(options)).to.throw(TypeError, `the option "${Object.keys(options)[0]!}"`);
    expect(refused({ baseUrl: 'https://me:S@x' })).to.throw(TypeError, "is 'https://***@x'; allowed: a path");
  });

  it('takes no id that its values could not name', () => {
    for (const id of ['', '/', 'a/', '../a', 'a b', 'ä', '__proto__/..']) {
      expect(() => memoryProvider({ files: { [id]: '' } }), id).to.throw(TypeError, 'is not an id');
    }
  });
});
