import { expect } from 'chai';
import { Schema } from 'mongoose';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

const Mixed = Schema.Types.Mixed;

/** Names that a disk takes and a pattern, an encoder or a query may not. */
const NAMES: Record<string, string> = {
  'of special characters alone': "()[]{}^$|*+?.!'",
  'of percent signs': '%%%25%.%',
  'that begins with a dollar sign': '$where',
  'of dots and a space': '... .',
  'of a letter and spaces': ' a ',
  'of 255 bytes': `${'x'.repeat(251)}.png`,
  'of 255 bytes that an encoder makes 765': `${'\u5199'.repeat(85)}`,
  'that is a pattern which backtracks': '(a+)+$.png',
  'of many repetitions': `${'a.'.repeat(100)}png`,
  'with an emoji of several parts': '\ud83d\udc69\u200d\ud83d\udc69\u200d\ud83d\udc67.png',
  'that is a name of JavaScript’s': '__proto__',
  'that is another name of JavaScript’s': 'constructor',
  'with quotes and an angle bracket': '"><img src=x onerror=alert(1)>.png'.replaceAll('/', ''),
};

/** What a document may hold that is no value of ours. */
const VALUES: Record<string, () => unknown> = {
  'a lone surrogate': () => '/uploads/\ud83d.png',
  'a text with control characters': () => '/uploads/\u0000\u0001\u007f.png',
  'a text of 10 MB': () => 'x'.repeat(10 * 1024 * 1024),
  'a text of 10 MB of beginnings': () => '/uploads/'.repeat((10 * 1024 * 1024) / 9),
  'a text of 10 MB of percent signs': () => '%'.repeat(10 * 1024 * 1024),
  'a text of 10 MB of almost the name': () => 'a.pn '.repeat(2 * 1024 * 1024),
  'a text of 5 MB of entities': () => '&#x26;amp;'.repeat(512 * 1024),
  'an array of 30,000 strings': () =>
    Array.from({ length: 30_000 }, (_, n) => `//elsewhere.example/x${String(n)}.png`),
  'an object of 10,000 keys': () =>
    Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${String(n)}`, 'x'])),
  'an object 90 levels deep': () =>
    Array.from({ length: 90 }).reduce<object>((inner) => ({ inner }), { url: 'x' }),
  'an object with keys of ours': () => ({ path: 7, url: null, public_id: {}, filename: [], key: true }),
  'an object with dollar signs': () => ({ $where: 'x', 'a.b': '/x' }),
  'an object with toString': () => ({ toString: 'no function', length: -1 }),
  'a number, a date, a buffer': () => [7, new Date(0), Buffer.from('a.png'), null, true, /a/],
};

/** Milliseconds that the library may take for one delete beside such a value: far below `timeoutMs`, far above what it needs. */
const PATIENCE = 8000;

describe('bad input', function () {
  this.timeout(30_000);
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model(
      'Album',
      { image: Mixed, notes: Mixed },
      { fields: ['image', 'notes'], timeoutMs: PATIENCE },
    );
  });
  afterEach(closeTestApps);

  /** Outcomes of a write that must not throw; a question without an answer keeps the file, and says so. */
  async function outcomesOf(write: () => Promise<unknown>): Promise<string[]> {
    await write();
    await cleanupFor(Album).idle();
    return s.events.splice(0).map(({ outcome, reason }) => reason ?? outcome);
  }

  for (const [title, name] of Object.entries(NAMES)) {
    it(`a name ${title} goes when it is not used, and stays while it is`, async () => {
      await s.uploads.put(name);
      const image = s.uploads.path(name);
      await insertRaw(
        Album,
        { image },
        { notes: `http://old.example/${encodeURIComponent(name)}` },
        { notes: 'b.png' },
      );
      expect(await outcomesOf(() => Album.deleteOne({ image }))).to.have.length(1);
      expect(await s.uploads.has(name)).to.equal(true);
      await Album.collection.deleteMany({ image: null });
      await insertRaw(Album, { image });
      const [told] = await outcomesOf(() => Album.deleteOne({ image }));
      // what cannot be told from another reading of the name may stay, with a word
      expect(told).to.be.oneOf(
        (await s.uploads.has(name)) ? ['ambiguous', 'not canonical', 'unsafe'] : ['removed'],
      );
    });
  }

  for (const [title, make] of Object.entries(VALUES)) {
    it(`${title} beside a file: it goes, or an event says why not`, async () => {
      await s.uploads.put('a.png');
      await insertRaw(Album, { image: 'a.png' }, { notes: make() });
      const told = await outcomesOf(() => Album.deleteOne({ image: 'a.png' }));
      expect(told).to.have.length(1);
      expect(told[0]).to.be.oneOf((await s.uploads.has('a.png')) ? ['unanswered'] : ['removed']);
    });

    it(`${title} is replaced and deleted without a throw, and nothing goes`, async () => {
      await s.uploads.put('a.png');
      await insertRaw(Album, { image: make(), notes: 'first' }, { image: make(), notes: 'second' });
      await outcomesOf(() => Album.updateOne({ notes: 'first' }, { image: 'a.png' }));
      await outcomesOf(() => Album.deleteOne({ notes: 'second' }));
      expect(await s.uploads.names()).to.deep.equal(['a.png']);
    });
  }

  it('the composed and the decomposed form of a name are two files, and each keeps itself', async () => {
    const [composed, decomposed] = ['caf\u00e9.png', 'cafe\u0301.png'];
    await s.uploads.put(composed, decomposed);
    if ((await s.uploads.names()).length < 2) return; // a disk that takes both for one name
    await insertRaw(Album, { image: composed }, { image: decomposed });
    await outcomesOf(() => Album.deleteOne({ image: composed }));
    expect(await s.uploads.has(decomposed)).to.equal(true);
    await outcomesOf(() => Album.deleteOne({ image: decomposed }));
    expect(await s.uploads.has(decomposed)).to.equal(false);
  });

  for (const [title, value] of Object.entries<object>({
    'whose toString throws': {
      toString: () => {
        throw new Error('no text');
      },
    },
    'whose getters throw': {
      get path(): string {
        throw new Error('no path');
      },
      get url(): string {
        throw new Error('no url');
      },
    },
    'whose toJSON throws': {
      toJSON: () => {
        throw new Error('no JSON');
      },
    },
    'that is a revoked proxy': (() => {
      const { proxy, revoke } = Proxy.revocable({}, {});
      revoke();
      return proxy;
    })(),
  })) {
    it(`removeUnused with an object ${title} rejects nothing and removes the others`, async () => {
      await s.uploads.put('a.png');
      const told = await outcomesOf(() => cleanupFor(Album).removeUnused([value, 'a.png']));
      expect(told).to.include('removed');
      expect(await s.uploads.names()).to.deep.equal([]);
    });
  }

  it('a hundred hard names at once are removed by one deletion', async () => {
    const names = Array.from({ length: 100 }, (_, n) => `(${String(n)})+[x] *^$ ${'\u5199'.repeat(60)}.png`);
    await s.uploads.put(...names);
    await insertRaw(Album, ...names.map((name) => ({ image: s.uploads.path(name) })), {
      notes: 'x'.repeat(1_000_000),
    });
    const told = await outcomesOf(() => Album.deleteMany({ image: { $ne: null } }));
    expect(new Set(told)).to.deep.equal(new Set(['removed']));
    expect(await s.uploads.names()).to.deep.equal([]);
  });
});
