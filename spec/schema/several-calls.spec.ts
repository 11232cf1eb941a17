import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import type { AnyModel } from '../../lib/schema/options.js';
import { trackedOf } from '../../lib/schema/model-fields.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';

type MayDiffer = 'fields' | 'provider' | 'keep' | 'deduplicate' | 'tags';

/** What no two calls on one collection may differ in, each with another value than the default. Every option is here. */
const COMMON: Required<Omit<ImageCleanupOptions, MayDiffer>> = {
  references: 'model',
  mentionsUpTo: 5,
  enabled: false,
  dryRun: true,
  removal: 'background',
  timeoutMs: 5_000,
  retry: { attempts: 2 },
  maxDocuments: 10,
  journal: true,
  gracePeriod: '1d',
  onEvent: () => undefined,
  logger: { warn: () => undefined, error: () => undefined },
};

/** What an option cannot be given without. */
function neededBy(name: string): ImageCleanupOptions {
  return name === 'gracePeriod' ? { journal: true } : {};
}

describe('several calls for one collection', () => {
  let s: TestApp;
  let store: ReturnType<typeof recordingProvider>;
  beforeEach(async () => {
    s = await testApp();
    store = recordingProvider('a', 'b', 'c', 'd');
  });
  afterEach(closeTestApps);

  const fresh = (): Schema => new Schema({ image: String, thumb: String });
  const options = (more: ImageCleanupOptions): ImageCleanupOptions => ({
    ...s.options,
    provider: store,
    ...more,
  });

  describe('on one schema', () => {
    it('each with its own provider and its own rules', () => {
      const other = recordingProvider();
      const schema = fresh()
        .plugin(imageCleanup, options({ fields: ['image'], keep: /image/ }))
        .plugin(imageCleanup, options({ fields: ['thumb'], keep: /thumb/, provider: other }));
      const Album = s.connection.model('Album', schema) as unknown as AnyModel;
      const told = trackedOf(Album).map(({ field, providers, keep }) => [field.path, providers, keep]);
      expect(told).to.deep.equal([
        ['image', [store], [/image/]],
        ['thumb', [other], [/thumb/]],
      ]);
    });

    it('the hooks are installed once', () => {
      const hooksOf = (schema: Schema): number => {
        const { _pres } = (schema as unknown as { s: { hooks: { _pres: Map<string, unknown[]> } } }).s.hooks;
        return ['updateOne', 'deleteMany', 'bulkWrite'].flatMap((name) => _pres.get(name) ?? []).length;
      };
      const schema = fresh().plugin(imageCleanup, options({ fields: ['image'] }));
      const before = hooksOf(schema);
      schema.plugin(imageCleanup, options({ fields: ['thumb'] }));
      expect(before).to.be.greaterThan(0);
      expect(hooksOf(schema)).to.equal(before);
    });

    it('one path in both: the rules of both', () => {
      const schema = fresh()
        .plugin(imageCleanup, options({ fields: ['image'], keep: /one/ }))
        .plugin(imageCleanup, options({ fields: ['image', 'thumb'], keep: /two/ }));
      const Album = s.connection.model('Album', schema) as unknown as AnyModel;
      expect(trackedOf(Album).map(({ field, keep }) => [field.path, keep])).to.deep.equal([
        ['image', [/one/, /two/]],
        ['thumb', [/two/]],
      ]);
    });

    it('one path in both with different providers throws', () => {
      const schema = fresh().plugin(imageCleanup, options({ fields: ['image'] }));
      const again = () =>
        schema.plugin(imageCleanup, options({ fields: ['image'], provider: recordingProvider() }));
      expect(again).to.throw(TypeError, /"image" with different providers; name it in one/);
    });

    it('what equals the default equals nothing given', () => {
      const defaults: ImageCleanupOptions = {
        ...{ references: 'connection', mentionsUpTo: 10_000, enabled: true, dryRun: false, removal: 'wait' },
        ...{ timeoutMs: 10_000, retry: { attempts: 5 }, maxDocuments: 1_000_000 },
      };
      fresh()
        .plugin(imageCleanup, options({ fields: ['image'] }))
        .plugin(imageCleanup, options({ fields: ['thumb'], ...defaults }));
    });

    it('as Typegoose does: the call of a parent class and, for the child class, it again and one more', async () => {
      const parent = options({ fields: ['image'] });
      const base = new Schema({ image: String }).plugin(imageCleanup, parent);
      const child = base.clone();
      child.add({ poster: String });
      child.plugin(imageCleanup, parent).plugin(imageCleanup, options({ fields: ['poster'] }));
      const Base = s.connection.model('Base', base) as unknown as AnyDocumentModel;
      const Child = s.connection.model('Child', child) as unknown as AnyDocumentModel;
      await Base.create({ image: 'a' });
      const one = await Child.create({ image: 'b', poster: 'c' });
      one.poster = 'd';
      await one.save();
      await one.deleteOne();
      await Base.deleteMany({});
      expect(store.calls.flat()).to.have.members(['a', 'b', 'c', 'd']);
      expect(await s.outcomes()).to.have.length(4);
      expect(trackedOf(Base as AnyModel).map(({ field }) => field.path)).to.deep.equal(['image']);
    });

    for (const [name, value] of Object.entries(COMMON)) {
      it(`that differ in "${name}" throw`, () => {
        const needed = neededBy(name);
        const schema = fresh().plugin(imageCleanup, options({ fields: ['image'], ...needed }));
        const again = () =>
          schema.plugin(imageCleanup, options({ fields: ['thumb'], ...needed, [name]: value }));
        expect(again).to.throw(TypeError, `differ in the option "${name}"`);
      });
    }
  });

  describe('on a base and a discriminator', () => {
    const base = (more: ImageCleanupOptions = {}): AnyDocumentModel =>
      s.connection.model(
        'Base',
        fresh().plugin(imageCleanup, options({ fields: ['image'], ...more })),
      ) as unknown as AnyDocumentModel;
    const child = (more: ImageCleanupOptions): Schema =>
      new Schema({ poster: String }).plugin(imageCleanup, options({ fields: ['poster'], ...more }));

    it('fields, provider and keep may differ', async () => {
      const [Base, other] = [base(), recordingProvider('p')];
      const Child = Base.discriminator('Child', child({ provider: other, keep: /keep/ }));
      await (Child as unknown as AnyDocumentModel).create({ image: 'a', poster: 'p' });
      await Base.deleteMany({});
      expect([store.gone(), other.gone()]).to.deep.equal([['a'], ['p']]);
    });

    for (const [name, value] of Object.entries(COMMON)) {
      it(`what differs in "${name}" is thrown by discriminator(), with the name of the model`, () => {
        const Base = base(neededBy(name));
        const declare = () => Base.discriminator('Child', child({ ...neededBy(name), [name]: value }));
        expect(declare).to.throw(TypeError, `of the model "Child" differ in the option "${name}"`);
        expect(Object.keys(s.connection.models)).to.deep.equal(['Base']);
      });
    }

    it('also where the hooks of the base are not taken over', () => {
      const Base = base();
      const declare = () =>
        Base.discriminator('Child', child({ timeoutMs: 5 }), { mergeHooks: false } as never);
      expect(declare).to.throw(TypeError, 'timeoutMs');
    });

    it('also where the schema declares it before there is a model', () => {
      const schema = fresh().plugin(imageCleanup, options({ fields: ['image'] }));
      (schema as unknown as { discriminator(name: string, one: Schema): void }).discriminator(
        'Child',
        child({ timeoutMs: 5 }),
      );
      expect(() => s.connection.model('Base', schema)).to.throw(TypeError, '"Child"');
    });

    it('one path with two providers throws', () => {
      const Base = base();
      const schema = new Schema({ poster: String, image: String });
      schema.plugin(imageCleanup, options({ fields: ['poster', 'image'], provider: recordingProvider() }));
      expect(() => Base.discriminator('Child', schema)).to.throw(TypeError, /"Child".*"image"/);
    });
  });
});
