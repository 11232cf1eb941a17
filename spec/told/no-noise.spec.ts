import { expect } from 'chai';
import { Types } from 'mongoose';
import { cleanupFor, doctor, localProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { captureConsole } from '../support/console.js';
import { realisticModels, type Realistic } from '../support/realistic-models.js';
import { hasBulkWriteHooks, itIf } from '../support/versions.js';
import { countOf, SEED } from '../support/counts.js';
import { has } from '../support/mongodb/abilities.js';

/** Writes in one run; `NOISE_WRITES=10000` for the long one. */
const WRITES = countOf('NOISE_WRITES', 100);

/** Numbers below a bound, the same for one seed (mulberry32, public domain, by Tommy Ettinger). */
function picker(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** What every kind of write needs: the document that it hits, a whole new one, and a change. */
interface Given {
  readonly Model: AnyDocumentModel;
  readonly _id: unknown;
  readonly whole: Record<string, unknown>;
  readonly change: Record<string, unknown>;
}

/** The gallery wants a title. */
function optional(change: Record<string, unknown>): string[] {
  const paths = Object.keys(change).filter((path) => path !== 'title');
  return paths.length > 0 ? paths : ['tag'];
}

const KINDS: Readonly<Record<string, (given: Given) => Promise<unknown>>> = {
  create: ({ Model, whole }) => Model.create(whole),
  insertMany: ({ Model, whole }) => Model.insertMany([whole]),
  save: async ({ Model, _id, change }) => (await Model.findById(_id))?.set(change).save(),
  'save of a part': async ({ Model, _id, change }) =>
    (await Model.findById(_id).select('_id'))?.set(change).save(),
  'doc.updateOne': async ({ Model, _id, change }) => (await Model.findById(_id))?.updateOne(change),
  'doc.replaceOne': async ({ Model, _id, whole }) => (await Model.findById(_id))?.replaceOne(whole),
  'doc.deleteOne': async ({ Model, _id }) => (await Model.findById(_id))?.deleteOne(),
  updateOne: ({ Model, _id, change }) => Model.updateOne({ _id }, { $set: change }),
  'updateOne of nobody': ({ Model, change }) => Model.updateOne({ _id: new Types.ObjectId() }, change),
  upsert: ({ Model, whole }) =>
    Model.updateOne({ _id: new Types.ObjectId() }, { $set: whole }, { upsert: true }),
  'updateMany of some': ({ Model, _id, change }) => Model.updateMany({ _id: { $in: [_id] } }, change),
  $unset: ({ Model, _id, change }) =>
    Model.updateOne({ _id }, { $unset: Object.fromEntries(optional(change).map((path) => [path, 1])) }),
  replaceOne: ({ Model, _id, whole }) => Model.replaceOne({ _id }, whole),
  findOneAndUpdate: ({ Model, _id, change }) => Model.findOneAndUpdate({ _id }, change),
  findByIdAndUpdate: ({ Model, _id, change }) =>
    Model.findByIdAndUpdate(_id, change, { returnDocument: 'after' }),
  findOneAndReplace: ({ Model, _id, whole }) => Model.findOneAndReplace({ _id }, whole),
  findOneAndDelete: ({ Model, _id }) => Model.findOneAndDelete({ _id }),
  'findByIdAndDelete of nobody': ({ Model }) => Model.findByIdAndDelete(new Types.ObjectId()),
  deleteOne: ({ Model, _id }) => Model.deleteOne({ _id }),
  deleteMany: ({ Model, _id }) => Model.deleteMany({ _id: { $in: [_id] } }),
  ...(has('transactions') && {
    transaction: ({ Model, _id, change }: Given) =>
      Model.db.transaction((session) => Model.updateOne({ _id }, change, { session })),
  }),
  ...(hasBulkWriteHooks && {
    bulkWrite: ({ Model, _id, whole, change }: Given) =>
      Model.bulkWrite([
        { updateOne: { filter: { _id }, update: { $set: change } } },
        { insertOne: { document: whole } },
        { deleteOne: { filter: { _id: new Types.ObjectId() } } },
      ]),
    bulkSave: async ({ Model, _id, change }: Given) => {
      const document = await Model.findById(_id);
      if (document) await Model.bulkSave([document.set(change)]);
    },
  }),
};

describe('no noise', function () {
  this.timeout(60_000 + WRITES * 100);
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  it(`${String(WRITES)} writes of every kind on the gallery's and two more realistic models log nothing (SPEC_SEED=${String(SEED)})`, async () => {
    const outcomes = new Map<string, number>();
    const models = await realisticModels(s.connection, {
      provider: localProvider({ root: s.uploads.root }),
      onEvent: ({ outcome, reason }) => {
        const name = reason === undefined ? outcome : `${outcome}: ${reason}`;
        outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
      },
    });
    await s.uploads.put('default-avatar.png');
    const seen = new Set<string>();
    const printed = await captureConsole(async () => {
      await write(models, seen);
      await cleanupFor(s.connection).idle();
    });
    expect(printed).to.deep.equal([]);
    // that it really wrote and removed
    expect([...seen].sort()).to.deep.equal(Object.keys(KINDS).sort());
    expect(outcomes.get('removed')).to.be.greaterThan(WRITES / 4);
    expect([...outcomes.keys()])
      .to.not.include.members(['missing'])
      .and.not.include.members(['failed']);
    expect(await s.uploads.has('default-avatar.png')).to.equal(true);
    const { findings } = await doctor({ models: models.map(({ model }) => model) });
    expect(findings.filter(({ kind }) => kind !== 'differing-options')).to.deep.equal([]);
  });

  itIf(hasBulkWriteHooks)(
    'a bulk write that inserts and replaces a document with a Map tells of its files, and of nothing else',
    async () => {
      const definition = { name: String, thumbs: { type: Map, of: String } };
      const Album = s.model('Album', definition, { fields: ['thumbs'] });
      await Album.init();
      await s.uploads.put('small.png', 'new.png');
      await Album.bulkWrite([
        { insertOne: { document: { name: 'a', thumbs: { x: 'small.png' } } as never } },
        { updateOne: { filter: { name: 'a' }, update: { thumbs: { x: 'new.png' } } as never } },
      ]);
      expect(await s.outcomes()).to.deep.equal(['removed small.png']);
      expect(s.log).to.deep.equal([]);
    },
  );

  async function write(models: readonly Realistic[], seen: Set<string>): Promise<void> {
    const pick = picker(SEED);
    const names = Object.keys(KINDS);
    // each kind once, then any
    const open = [...names];
    let files = 0;
    for (let n = 0; n < WRITES; n++) {
      const { model, document, change } = models[pick(models.length)]!;
      const made: string[] = [];
      const newFile = (): string => {
        const name = `file-${String(++files)}.png`;
        made.push(name);
        return name;
      };
      const given = { whole: document(newFile), change: change(newFile, pick) };
      await s.uploads.put(...made);
      const [one] = await model.aggregate<{ _id: unknown }>([
        { $sample: { size: 1 } },
        { $project: { _id: 1 } },
      ]);
      const name = one ? (open.pop() ?? names[pick(names.length)]!) : 'create';
      seen.add(name);
      await KINDS[name]!({ Model: model, _id: one?._id, ...given });
    }
  }
});
