import { expect } from 'chai';
import { Schema } from 'mongoose';
import type { ImageCleanupOptions, KeepContext, KeepRule } from '../../lib/index.js';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

describe('keep', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('default.png', 'b.png');
  });
  afterEach(closeTestApps);

  async function deleted(keep: KeepRule | KeepRule[], value = 'default.png'): Promise<string[]> {
    const Album = s.model('Album', { image: String }, { keep } as ImageCleanupOptions);
    await Album.create({ image: value });
    await Album.deleteMany({});
    return s.outcomes();
  }

  for (const [rule, value] of [
    ['default.png', 'default.png'],
    ['/uploads/default.png', 'default.png'],
    ['default.png', '/uploads/default.png?v=1'],
    ['./default.png', '/uploads/default.png'],
  ] as const) {
    it(`the string ${rule} keeps ${value}`, async () => {
      expect(await deleted(rule, value)).to.deep.equal([`kept ${value} (protected)`]);
    });
  }

  it('an absolute path keeps the bare name', async () => {
    expect(await deleted([s.uploads.path('default.png')])).to.deep.equal(['kept default.png (protected)']);
  });

  it('a string keeps nothing else', async () => {
    expect(await deleted(['default', 'DEFAULT.PNG', 'other.png'])).to.deep.equal(['removed default.png']);
  });

  for (const pattern of [/^default/, /^\/uploads\/default/, /DEFAULT/i, /uploads.default\.png$/]) {
    it(`the pattern ${String(pattern)} is tried on every stored form`, async () => {
      expect(await deleted(pattern)).to.deep.equal(['kept default.png (protected)']);
    });
  }

  for (const flags of ['g', 'y', 'gy']) {
    it(`the flags ${flags} of a pattern are ignored: it keeps every time`, async () => {
      const keep = new RegExp('default', flags);
      const Album = s.model('Album', { image: String }, { keep });
      for (let round = 0; round < 3; round++) {
        await Album.create({ image: 'default.png' });
        await Album.deleteMany({});
      }
      expect(await s.outcomes()).to.deep.equal(Array(3).fill('kept default.png (protected)'));
      expect(keep.lastIndex).to.equal(0);
    });
  }

  for (const [name, answer] of Object.entries<unknown>({
    true: true,
    undefined: undefined,
    null: null,
    0: 0,
    'a promise of false': Promise.resolve(false),
  })) {
    it(`a function that answers ${name} keeps`, async () => {
      expect(await deleted(() => answer)).to.deep.equal(['kept default.png (protected)']);
    });
  }

  it('a function that throws keeps', async () => {
    const keep = (): never => {
      throw new Error('cannot tell');
    };
    expect(await deleted(keep)).to.deep.equal(['kept default.png (protected)']);
  });

  it('a function that rejects keeps, and nobody else hears of it', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown): void => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    try {
      const keep = (): Promise<never> => Promise.reject(new Error('cannot tell'));
      expect(await deleted(keep)).to.deep.equal(['kept default.png (protected)']);
      await new Promise((resolve) => setImmediate(resolve));
    } finally {
      process.off('unhandledRejection', note);
    }
    expect(unhandled).to.deep.equal([]);
  });

  it('a function that answers false lets go, and is told what it judges', async () => {
    const asked: [unknown, KeepContext][] = [];
    const outcomes = await deleted((value, about) => {
      asked.push([value, about]);
      return false;
    });
    expect(outcomes).to.deep.equal(['removed default.png']);
    expect(asked).to.have.length(1);
    expect(asked[0]![0]).to.equal('default.png');
    expect(asked[0]![1]).to.deep.include({ field: 'image', model: 'Album', operation: 'deleteMany' });
    expect(asked[0]![1].asset.key).to.equal(s.uploads.path('default.png'));
  });

  it('several rules: one is enough', async () => {
    expect(await deleted([() => false, 'other.png', /default/])).to.deep.equal([
      'kept default.png (protected)',
    ]);
  });

  describe('schema defaults', () => {
    it('a literal default is kept', async () => {
      const Album = s.model('Album', { image: { type: String, default: 'default.png' } });
      const album = await Album.create({});
      album.image = 'b.png';
      await album.save();
      await album.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['kept default.png (protected)', 'removed b.png']);
    });

    it('the default of one field is kept in another field and another model, in any form', async () => {
      s.model('User', { avatar: { type: String, default: '/uploads/default.png' } }, { fields: ['avatar'] });
      const Album = s.model('Album', { image: String });
      await Album.create({ image: 'default.png' });
      await Album.deleteMany({});
      expect(await s.outcomes()).to.deep.equal(['kept default.png (protected)']);
    });

    it('defaults of arrays, sub-documents, Maps and nested paths are kept', async () => {
      const fields = ['list', 'one.url', 'many.url', 'map', 'deep.file'];
      const names = fields.map((_, n) => `d${String(n)}.png`);
      await s.uploads.put(...names);
      const Holder = s.model(
        'Holder',
        {
          list: { type: [String], default: ['d0.png'] },
          one: new Schema({ url: { type: String, default: 'd1.png' } }),
          many: [{ url: { type: String, default: 'd2.png' } }],
          map: { type: Map, of: String, default: { x: 'd3.png' } },
          deep: { file: { type: String, default: 'd4.png' } },
        },
        { fields },
      );
      const Album = s.model('Album', { gallery: [String] }, { fields: ['gallery'] });
      await Album.create({ gallery: names });
      await Album.deleteMany({});
      expect(Holder.modelName).to.equal('Holder');
      expect(await s.outcomes()).to.deep.equal(names.map((name) => `kept ${name} (protected)`));
    });

    it('the default of a discriminator is kept', async () => {
      const schema = new Schema({ image: String });
      schema.plugin(imageCleanup, { ...s.options, fields: ['image'] });
      const Base = s.connection.model('Base', schema) as unknown as AnyDocumentModel;
      const child = new Schema({ poster: { type: String, default: 'default.png' } });
      child.plugin(imageCleanup, { ...s.options, fields: ['poster'] });
      const Child = Base.discriminator('Child', child) as unknown as AnyDocumentModel;
      await Child.create({ image: 'b.png' });
      await Base.deleteMany({});
      expect(await s.outcomes()).to.deep.equal(['kept default.png (protected)', 'removed b.png']);
    });

    it('a function default is never called by us', async () => {
      let calls = 0;
      const Album = s.model('Album', {
        image: { type: String, default: () => `made-${String(++calls)}.png` },
      });
      const album = await Album.create({ image: 'b.png' });
      await album.deleteOne();
      await Album.collection.insertOne({ image: 'default.png' });
      await Album.deleteMany({});
      expect(calls).to.equal(0);
      expect(await s.outcomes()).to.deep.equal(['removed b.png', 'removed default.png']);
    });
  });
});
