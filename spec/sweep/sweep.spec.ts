import { expect } from 'chai';
import fse from 'fs-extra';
import { Schema } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { sweep, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';

/** The cases S01 … S17 come from the sweep commands of other libraries, their tests and their bugs. */
describe('sweep', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String });
  });
  afterEach(closeTestApps);

  /** Files that are old enough at once. */
  const sweepAll = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, ...options });
  const names = ({ files }: SweepReport): string[] => files.map(({ name }) => name).sort();
  /** Files that documents use, enough of them that some orphans are no majority. */
  const use = async (...files: string[]): Promise<void> => {
    await s.uploads.put(...files);
    await Album.create(files.map((image) => ({ image })));
  };

  it('S01: finds nothing where every file is used, and removes nothing', async () => {
    await use('a.png', 'b/c.png');
    const report = await sweepAll({ remove: true });
    expect(report.status).to.equal('clean');
    expect(report.counts).to.include({ listed: 2, used: 2, orphans: 0 });
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'b/c.png']);
  });

  it('S01: finds nothing in an empty folder', async () => {
    expect((await sweepAll({ remove: true })).status).to.equal('clean');
  });

  it('S02: finds a file that no document uses, in the root and in a folder', async () => {
    await use('1.png', '2.png', '3.png');
    await s.uploads.put('left.png', 'a/b/left.png');
    const report = await sweepAll();
    expect(names(report)).to.deep.equal(['a/b/left.png', 'left.png']);
    expect(report.bytes.orphans).to.equal('left.pnga/b/left.png'.length);
  });

  it('S03: removes nothing unless told so', async () => {
    await use('1.png', '2.png');
    await s.uploads.put('left.png');
    const report = await sweepAll();
    expect(report.status).to.equal('orphans');
    expect(report.files.map(({ outcome }) => outcome)).to.deep.equal(['orphan']);
    expect(await s.uploads.names()).to.deep.equal(['1.png', '2.png', 'left.png']);
  });

  it('removes orphans when told so, and only these', async () => {
    await use('1.png', '2.png', '3.png');
    await s.uploads.put('left.png', 'a/left.png');
    const report = await sweepAll({ remove: true, allow: ['unused-folder:a'] });
    expect(report.status).to.equal('removed');
    expect(report.counts).to.include({ orphans: 2, removed: 2 });
    expect(await s.uploads.names()).to.deep.equal(['1.png', '2.png', '3.png']);
    expect(await s.outcomes()).to.deep.equal([
      `removed ${s.uploads.path('a/left.png')}`,
      `removed ${s.uploads.path('left.png')}`,
    ]);
    expect((await sweepAll({ remove: true })).status).to.equal('clean');
  });

  describe('S04: the grace period', () => {
    const day = 24 * 3_600_000;
    const tomorrow = (): Date => new Date(Date.now() + day + 3_600_000);
    beforeEach(() => use('1.png', '2.png', '3.png'));

    it('leaves files alone that are younger than a day', async () => {
      await s.uploads.put('left.png');
      const report = await sweep({ models: [Album], remove: true });
      expect(report.counts).to.include({ young: 1, orphans: 0 });
      expect(await s.uploads.has('left.png')).to.equal(true);
    });

    it('takes files that are older', async () => {
      await s.uploads.put('left.png', 'touched.png');
      await fse.utimes(s.uploads.path('touched.png'), tomorrow(), tomorrow());
      const report = await sweep({ models: [Album], remove: true, now: tomorrow });
      expect(names(report)).to.deep.equal(['left.png']);
      expect(report.counts.young).to.equal(1);
    });

    it('counts from the start of the sweep, however long it takes', async () => {
      await s.uploads.put('left.png');
      let asked = 0;
      const now = (): Date => (asked++ === 0 ? new Date() : tomorrow());
      expect((await sweep({ models: [Album], now })).counts.orphans).to.equal(0);
    });

    it('takes a file for new that was moved in just now with an old date', async () => {
      await s.uploads.put('moved.png');
      await fse.utimes(s.uploads.path('moved.png'), new Date(0), new Date(0));
      expect((await sweep({ models: [Album], olderThan: '1h' })).counts.young).to.equal(1);
    });
  });

  it('S05: leaves alone what the globs of "exclude" match', async () => {
    await use('1.png', '2.png', '3.png', '4.png', '5.png', '6.png');
    await s.uploads.put('logo.svg', 'sub/logo.svg', 'legacy/old/a.png', 'a.tmp', 'x1.png');
    const report = await sweepAll({ exclude: ['logo.svg', 'legacy', '**/*.tmp', 'x?.png'] });
    expect(names(report)).to.deep.equal(['sub/logo.svg']);
    expect(report.counts.excluded).to.equal(4);
  });

  it('S06: counts documents that a default filter of the app hides', async () => {
    await use('1.png');
    const schema = new Schema({ image: String, isDeleted: Boolean });
    schema.pre(/^find|^count/, function (this: { where(filter: object): void }) {
      this.where({ isDeleted: { $ne: true } });
    });
    schema.plugin(imageCleanup, { ...s.options, fields: ['image'] });
    const Hiding = s.connection.model('Hiding', schema) as AnyDocumentModel;
    await s.uploads.put('hidden.png');
    await Hiding.collection.insertOne({ image: 'hidden.png', isDeleted: true });
    expect(await Hiding.find()).to.deep.equal([]);
    const report = await sweepAll({ models: [Album, Hiding], remove: true });
    expect(report.counts.used).to.equal(2);
    expect(await s.uploads.has('hidden.png')).to.equal(true);
  });

  it('S07: knows a file in every form in which documents store it', async () => {
    await s.uploads.put('d/a.png', 'd/b.png', 'c.png', 'd.png', 'e f.png', 'g.png');
    await Album.collection.insertMany([
      { image: './d/a.png' },
      { image: 'd\\b.png' },
      { image: s.uploads.path('c.png') },
      { image: '/uploads/d.png?v=2' },
      { image: '/uploads/e%20f.png' },
      { image: ['g.png'] },
    ]);
    expect((await sweepAll({ remove: true })).counts).to.include({ used: 6, orphans: 0 });
  });

  it('S08: reads names in any script, and takes both Unicode forms of one for the same', async () => {
    await use('жук.png', '象/图.png', 'plain.png');
    await s.uploads.put('caf\u00e9.png', 'забыт.png');
    await Album.create({ image: 'cafe\u0301.png' });
    expect(names(await sweepAll({ remove: true }))).to.deep.equal(['забыт.png']);
    expect(await s.uploads.has('caf\u00e9.png')).to.equal(true);
  });

  it('takes names that differ only in case for the same', async () => {
    await use('1.png', '2.png', '3.png');
    await s.uploads.put('IMG.png');
    await Album.create({ image: 'img.png' });
    expect((await sweepAll({ remove: true })).counts.orphans).to.equal(0);
  });

  it('S09: ignores null and empty values, reads all fields, and models without images', async () => {
    const Post = s.model(
      'Post',
      { image: String, gallery: [String], profile: { avatar: String }, thumbs: { type: Map, of: String } },
      { fields: ['image', 'gallery', 'profile.avatar', 'thumbs'] },
    );
    const Plain = s.connection.model('Plain', new Schema({ a: String })) as AnyDocumentModel;
    await s.uploads.put('1.png', '2.png', '3.png', '4.png', 'left.png');
    await Post.collection.insertMany([
      {
        image: '1.png',
        gallery: ['2.png', null, ''],
        profile: { avatar: '3.png' },
        thumbs: { small: '4.png' },
      },
      { image: null, gallery: null, profile: {}, thumbs: null },
      { image: '' },
    ]);
    const report = await sweepAll({ models: [Album, Post, Plain] });
    expect(names(report)).to.deep.equal(['left.png']);
    expect(report.counts.used).to.equal(4);
  });

  it('S10: finds both forerunners of a file that was replaced twice past Mongoose', async () => {
    await use('1.png', '2.png');
    await s.uploads.put('v1.png', 'v2.png', 'v3.png');
    await Album.collection.insertOne({ image: 'v1.png' });
    for (const [from, to] of [
      ['v1', 'v2'],
      ['v2', 'v3'],
    ]) {
      await Album.collection.updateOne({ image: `${from!}.png` }, { $set: { image: `${to!}.png` } });
    }
    expect(names(await sweepAll({ remove: true }))).to.deep.equal(['v1.png', 'v2.png']);
    expect(await s.uploads.has('v3.png')).to.equal(true);
  });

  it('S12: counts the references of every model over one folder', async () => {
    const Post = s.model('Post', { image: String });
    await use('album.png', 'both.png');
    await s.uploads.put('post.png', 'left.png');
    await Post.create([{ image: 'post.png' }, { image: 'both.png' }]);
    const report = await sweepAll({ models: [Album, Post], remove: true });
    expect(names(report)).to.deep.equal(['left.png']);
    expect(report.storages).to.deep.equal([`local ${s.uploads.root}`]);
  });

  it('S17: tells documents that point to a file that is not there', async () => {
    await use('1.png');
    const lost = await Album.create({ image: 'lost.png' });
    await Album.create({ image: 'https://elsewhere.example/a.png' });
    await s.uploads.put('.hidden.png');
    await Album.create({ image: '.hidden.png' });
    const report = await sweepAll({ missing: true });
    expect(report.counts.missing).to.equal(1);
    expect(report.missing[0]).to.include({
      model: 'Album',
      collection: 'albums',
      database: s.connection.name,
      field: 'image',
      value: 'lost.png',
    });
    expect(String(report.missing[0]!.documentId)).to.equal(String(lost._id));
    expect((await sweepAll()).counts.missing).to.equal(0);
  });

  it('lists what was read by database and collection, before anything goes', async () => {
    await use('1.png', '2.png');
    await s.uploads.put('left.png');
    const stages: string[] = [];
    const report = await sweepAll({
      remove: true,
      onProgress: ({ stage, what }) => stages.push(`${stage} ${what}`),
      onFile: ({ name }) => stages.push(`gone ${name}`),
    });
    const read = `references ${s.connection.name}.albums`;
    expect(stages.indexOf(read)).to.be.within(1, stages.indexOf('gone left.png') - 1);
    expect(report.collections).to.have.length(1);
    expect(report.collections[0]).to.deep.include({
      database: s.connection.name,
      collection: 'albums',
      models: ['Album'],
      fields: ['image'],
      documents: 2,
      references: 2,
    });
  });
});
