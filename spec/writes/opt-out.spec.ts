import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, withoutImageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { scene, type AnyDocument, type Scene } from '../support/scene.js';
import { hasBulkWriteHooks, hasHooks, hasMiddlewareOption, itIf } from '../support/versions.js';

type Call = (Album: AnyDocumentModel, target: AnyDocument, off: object) => unknown;

const update = { image: 'new.png' };
const filter = { name: 'target' };

/** Every call that takes options. */
const calls: Record<string, Call> = {
  'doc.save': (_, target, off) => target.set(update).save(off),
  'Model.bulkSave': (Album, target, off) => Album.bulkSave([target.set(update)], off),
  'doc.deleteOne': (_, target, off) => target.deleteOne(off),
  'doc.updateOne': (_, target, off) => target.updateOne(update, off),
  'doc.replaceOne': (_, target, off) => target.replaceOne(update, off),
  'Model.updateOne': (Album, _, off) => Album.updateOne(filter, update, off),
  'Model.updateMany': (Album, _, off) => Album.updateMany(filter, update, off),
  'Model.replaceOne': (Album, _, off) => Album.replaceOne(filter, update, off),
  'Model.findOneAndUpdate': (Album, _, off) => Album.findOneAndUpdate(filter, update, off),
  'Model.findOneAndReplace': (Album, _, off) => Album.findOneAndReplace(filter, update, off),
  'Model.findOneAndDelete': (Album, _, off) => Album.findOneAndDelete(filter, off),
  'Model.findByIdAndUpdate': (Album, target, off) => Album.findByIdAndUpdate(target._id, update, off),
  'Model.findByIdAndDelete': (Album, target, off) => Album.findByIdAndDelete(target._id, off),
  'Model.deleteOne': (Album, _, off) => Album.deleteOne(filter, off),
  'Model.deleteMany': (Album, _, off) => Album.deleteMany(filter, off),
  'Model.bulkWrite': (Album, _, off) => Album.bulkWrite([{ updateOne: { filter, update } }], off),
  'query.setOptions': (Album, _, off) => Album.updateOne(filter, update).setOptions(off),
};

describe('opt-outs', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  for (const [name, call] of Object.entries(calls)) {
    itIf(hasHooks(name))(`imageCleanup: false leaves the files of ${name} alone, unread`, async () => {
      const { Album, target, goneAfter, s } = here;
      const commands = watchCommands(s.connection);
      expect(await goneAfter(() => call(Album, target, { imageCleanup: false }))).to.deep.equal([]);
      expect(s.events).to.deep.equal([]);
      expect(commands.of('find')).to.deep.equal([]);
    });

    itIf(hasHooks(name))(`imageCleanup: true changes nothing for ${name}`, async () => {
      const { Album, target, goneAfter } = here;
      expect(await goneAfter(() => call(Album, target, { imageCleanup: true }))).to.include('old.png');
    });

    itIf(hasHooks(name))(`withoutImageCleanup leaves the files of ${name} alone`, async () => {
      const { Album, target, goneAfter, s } = here;
      expect(await goneAfter(() => withoutImageCleanup(() => call(Album, target, {})))).to.deep.equal([]);
      expect(s.events).to.deep.equal([]);
    });
  }

  it('a block lasts through every await inside it and ends with it', async () => {
    const { Album, target, goneAfter } = here;
    const gone = await goneAfter(() =>
      withoutImageCleanup(async () => {
        await Album.findOne();
        await new Promise((resolve) => setImmediate(resolve));
        target.image = 'new.png';
        await target.save();
        await Promise.all([
          Album.deleteMany({ name: 'other' }),
          Album.updateOne({ name: 'target' }, { gallery: [] }),
        ]);
      }),
    );
    expect(gone).to.deep.equal([]);
    target.image = 'new-2.png';
    expect(await goneAfter(() => target.save())).to.deep.equal(['new.png']);
  });

  it('a block returns what it returns, and throws what it throws', async () => {
    expect(withoutImageCleanup(() => 7)).to.equal(7);
    expect(await withoutImageCleanup(() => Promise.resolve('later'))).to.equal('later');
    expect(() =>
      withoutImageCleanup(() => {
        throw new Error('inside');
      }),
    ).to.throw('inside');
  });

  it('a query returned from a block, not awaited in it, belongs to it', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(async () => {
      expect(await withoutImageCleanup(() => Album.deleteMany({ name: 'target' }))).to.include({
        deletedCount: 1,
      });
      const found = await withoutImageCleanup(() =>
        Album.findOneAndUpdate({ name: 'other' }, { image: 'new.png' }).lean(),
      );
      expect(found).to.include({ name: 'other' });
    });
    expect(gone).to.deep.equal([]);
  });

  it('a write beside the block is cleaned up as usual', async () => {
    const { Album, goneAfter } = here;
    const gone = await goneAfter(() =>
      Promise.all([
        withoutImageCleanup(() => Album.deleteOne({ name: 'target' })),
        Album.updateOne({ name: 'other' }, { image: 'new.png' }),
      ]),
    );
    expect(gone).to.deep.equal(['other-old.png']);
  });

  it('a save with the opt-out does not leave the next one without', async () => {
    const { target, goneAfter } = here;
    target.image = 'new.png';
    expect(await goneAfter(() => target.save({ imageCleanup: false }))).to.deep.equal([]);
    target.image = 'new-2.png';
    expect(await goneAfter(() => target.save())).to.deep.equal(['new.png']);
    target.image = 'old.png';
    expect(await goneAfter(() => target.save({ imageCleanup: false }))).to.deep.equal([]);
  });

  it('a save that a later hook stopped does not outlive the opt-out of the next', async () => {
    const { s, goneAfter } = here;
    let isStopped = true;
    const schema = new Schema({ image: String });
    schema.plugin(imageCleanup, { ...s.options, fields: ['image'] });
    schema.pre('save', function () {
      if (!this.isNew && isStopped) throw new Error('not yet');
    });
    const Page = s.connection.model('Page', schema);
    const page = await Page.create({ image: 'new.png' });
    page.image = 'new-2.png';
    await page.save().catch(() => undefined);
    isStopped = false;
    expect(await goneAfter(() => page.save({ imageCleanup: false }))).to.deep.equal([]);
    expect((await Page.findOne())?.image).to.equal('new-2.png');
  });

  itIf(hasMiddlewareOption)('a save without middleware after one with it is left alone', async () => {
    const { target, goneAfter } = here;
    target.image = 'new.png';
    expect(await goneAfter(() => target.save())).to.deep.equal(['old.png']);
    target.image = 'new-2.png';
    expect(await goneAfter(() => target.save({ middleware: false } as object))).to.deep.equal([]);
  });

  itIf(hasBulkWriteHooks)('bulkSave with the opt-out on a document that was saved before', async () => {
    const { Album, target, goneAfter } = here;
    target.image = 'new.png';
    await target.save();
    target.image = 'new-2.png';
    expect(await goneAfter(() => Album.bulkSave([target], { imageCleanup: false } as object))).to.deep.equal(
      [],
    );
  });
});

describe('the option enabled', () => {
  afterEach(closeTestApps);

  for (const [name, call] of Object.entries(calls)) {
    itIf(hasHooks(name))(`false leaves the files of ${name} alone, unread`, async () => {
      const { Album, target, goneAfter, s } = await scene({ enabled: false });
      const commands = watchCommands(s.connection);
      expect(await goneAfter(() => call(Album, target, {}))).to.deep.equal([]);
      expect(commands.of('find')).to.deep.equal([]);
      expect(s.events).to.deep.equal([]);
    });
  }

  it('a function is asked at every write', async () => {
    let isOn = false;
    const { target, goneAfter } = await scene({ enabled: () => isOn });
    target.image = 'new.png';
    expect(await goneAfter(() => target.save())).to.deep.equal([]);
    isOn = true;
    target.image = 'new-2.png';
    expect(await goneAfter(() => target.save())).to.deep.equal(['new.png']);
  });

  it('a function that throws counts as off, and is logged', async () => {
    const { target, goneAfter, s } = await scene({
      enabled: () => {
        throw new Error('no configuration');
      },
    });
    target.image = 'new.png';
    expect(await goneAfter(() => target.save())).to.deep.equal([]);
    expect(s.log.join()).to.contain('no configuration');
  });

  it('anything but true counts as off', async () => {
    const { target, goneAfter } = await scene({ enabled: (() => Promise.resolve(true)) as never });
    target.image = 'new.png';
    expect(await goneAfter(() => target.save())).to.deep.equal([]);
  });

  it('works on a schema made for it alone', async () => {
    const s = await testApp();
    const Album = s.model('Album', { image: String }, { enabled: true });
    await s.uploads.put('a.png');
    const album = await Album.create({ image: 'a.png' });
    await album.deleteOne();
    expect(await s.uploads.names()).to.deep.equal([]);
  });
});
