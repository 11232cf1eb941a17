import { expect } from 'chai';
import { closeTestApps } from '../support/test-app.js';
import { filesOf, scene, values, type Scene } from '../support/scene.js';
import { describeIf, hasBulkWriteHooks, itWith } from '../support/versions.js';

describeIf(hasBulkWriteHooks)('Model.bulkWrite', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene({ fields: ['image'] });
  });
  afterEach(closeTestApps);

  for (const ordered of [true, false]) {
    it(`removes what all six operations of one call drop, ordered: ${String(ordered)}`, async () => {
      const { Album, goneAfter, s } = here;
      const names = ['u1', 'um', 'r1', 'd1', 'dm'];
      await Album.create(names.map((name) => ({ name, image: `${name}.png` })));
      await s.uploads.put(...names.map((name) => `${name}.png`), 'inserted.png');
      const gone = await goneAfter(() =>
        Album.bulkWrite(
          [
            { insertOne: { document: { name: 'i', image: 'inserted.png' } } },
            { updateOne: { filter: { name: 'u1' }, update: { image: 'new.png' } } },
            { updateMany: { filter: { name: 'um' }, update: { $unset: { image: 1 } } } },
            { replaceOne: { filter: { name: 'r1' }, replacement: { name: 'r1' } as never } },
            { deleteOne: { filter: { name: 'd1' } } },
            { deleteMany: { filter: { name: 'dm' } } },
          ],
          { ordered },
        ),
      );
      expect(gone).to.deep.equal(['d1.png', 'dm.png', 'r1.png', 'u1.png', 'um.png']);
      expect(s.events.map(({ operation }) => operation)).to.deep.equal(Array(5).fill('bulkWrite'));
    });
  }

  it('ordered, with the second operation failing: only what the first dropped leaves', async () => {
    const { Album, target, goneAfter } = here;
    let error: unknown;
    const gone = await goneAfter(async () => {
      error = await Album.bulkWrite([
        { updateOne: { filter: { name: 'target' }, update: { image: 'new.png' } } },
        { insertOne: { document: { _id: target._id, name: 'duplicate' } } },
        { deleteOne: { filter: { name: 'other' } } },
      ]).catch((thrown: unknown) => thrown);
    });
    expect(error).to.have.property('name', 'MongoBulkWriteError');
    expect(gone).to.deep.equal(['old.png']);
  });

  it('unordered, with the second operation failing: what the others dropped leaves', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite(
        [
          { updateOne: { filter: { name: 'target' }, update: { image: 'new.png' } } },
          { insertOne: { document: { _id: target._id, name: 'duplicate' } } },
          { deleteOne: { filter: { name: 'other' } } },
        ],
        { ordered: false },
      ).catch(() => undefined),
    );
    expect(gone).to.deep.equal(['old.png', 'other-old.png']);
  });

  it('a document inserted and replaced within one call loses its first image', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { insertOne: { document: { name: 'brief', image: 'new.png' } } },
        { updateOne: { filter: { name: 'brief' }, update: { image: 'new-2.png' } } },
      ]),
    );
    expect(gone).to.deep.equal(['new.png']);
  });

  it('a document inserted and deleted within one call loses its image', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { insertOne: { document: { name: 'brief', image: 'new.png' } } },
        { deleteOne: { filter: { name: 'brief' } } },
      ]),
    );
    expect(gone).to.deep.equal(['new.png']);
  });

  it('a document updated twice within one call loses both images before the last', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { updateOne: { filter: { _id: target._id }, update: { image: 'new.png' } } },
        { updateOne: { filter: { _id: target._id }, update: { image: 'new-2.png' } } },
      ]),
    );
    expect(gone).to.deep.equal(['new.png', 'old.png']);
  });

  it('the same file written and dropped again within one call: what is left of it decides', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { updateOne: { filter: { name: 'other' }, update: { image: 'old.png' } } },
        { deleteOne: { filter: { _id: target._id } } },
      ]),
    );
    expect(gone).to.deep.equal(['other-old.png']);
  });

  it('what an update would have stored, had it matched, is not ours to remove', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { updateOne: { filter: { name: 'nobody' }, update: { image: 'new.png' } } },
        { deleteOne: { filter: { name: 'target' } } },
      ]),
    );
    expect(gone).to.deep.equal(['old.png']);
  });

  it('what a failed insert would have stored is not ours to remove', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite(
        [
          { insertOne: { document: { _id: target._id, image: 'new.png' } } },
          { deleteOne: { filter: { name: 'other' } } },
        ],
        { ordered: false },
      ).catch(() => undefined),
    );
    expect(gone).to.deep.equal(['other-old.png']);
  });

  it('an operation that brings a document into the filter of the next one is followed', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { updateOne: { filter: { name: 'target' }, update: { rank: 100 } } },
        { deleteMany: { filter: { rank: 100 } } },
      ]),
    );
    expect(gone).to.deep.equal(['old.png']);
  });

  it('three deleteOne with one filter remove the files of three documents', async () => {
    const { Album, goneAfter, s } = here;
    await Album.create(['a', 'b', 'c', 'd'].map((one) => ({ name: 'many', image: `${one}.png` })));
    await s.uploads.put('a.png', 'b.png', 'c.png', 'd.png');
    const one = { deleteOne: { filter: { name: 'many' } } };
    const gone = await goneAfter(() => Album.bulkWrite([one, { ...one }, { ...one }]));
    expect(gone).to.have.length(3);
    const left = await Album.find({ name: 'many' });
    expect(await s.uploads.has(left[0].image)).to.equal(true);
  });

  itWith('collations')('operations with their own collation and arrayFilters', async () => {
    const { Album, goneAfter } = here;
    const collation = { locale: 'en', strength: 2 };
    const gone = await goneAfter(() =>
      Album.bulkWrite([{ deleteOne: { filter: { name: 'TARGET' }, collation } }] as never),
    );
    expect(gone).to.deep.equal(['old.png']);
  });

  it('an upsert among the operations', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Album.bulkWrite([
        { updateOne: { filter: { name: 'third' }, update: { image: 'new.png' }, upsert: true } },
        { replaceOne: { filter: { name: 'target' }, replacement: { image: 'new-2.png' }, upsert: true } },
      ]),
    );
    expect(gone).to.deep.equal(['old.png']);
  });

  it('ids that are strings, numbers or objects are found', async () => {
    const { s, goneAfter } = here;
    const Key = s.model('Key', { _id: {}, image: String });
    const ids = ['text', { a: 1, b: 2 }, { nested: { id: 1 } }, 7];
    await Key.collection.insertMany(ids.map((_id, n) => ({ _id, image: `k${String(n)}.png` })) as never);
    await s.uploads.put('k0.png', 'k1.png', 'k2.png', 'k3.png');
    const gone = await goneAfter(() =>
      Key.bulkWrite(ids.map((_id) => ({ deleteOne: { filter: { _id } } })) as never),
    );
    expect(gone).to.deep.equal(['k0.png', 'k1.png', 'k2.png', 'k3.png']);
  });

  it('a second call with the same operation objects is looked up again', async () => {
    const { Album, goneAfter, s } = here;
    const operations = [
      { updateOne: { filter: { name: 'target' }, update: { $set: { image: 'new.png' } } } },
    ];
    expect(await goneAfter(() => Album.bulkWrite(operations))).to.deep.equal(['old.png']);
    await s.uploads.put('old.png');
    await Album.updateOne({ name: 'target' }, values(), { imageCleanup: false } as object);
    expect(await goneAfter(() => Album.bulkWrite(operations))).to.deep.equal(['old.png']);
    expect(filesOf()).to.include('old.png');
  });
});
