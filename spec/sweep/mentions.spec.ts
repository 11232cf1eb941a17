import { expect } from 'chai';
import { Schema, type Connection } from 'mongoose';
import { imageCleanup, localProvider } from '../../lib/index.js';
import { sweep, type SweepOptions, type SweepReport, type UnclearFile } from '../../lib/sweep/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, watchCommands } from '../support/database.js';
import { itWith } from '../support/versions.js';

describe('a sweep reads the other models of its connections', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  let Page: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String, title: String });
    Page = plain('Page', {});
    const used = ['1', '2', '3', '4', '5', '6'].map((name) => `${name}.png`);
    await s.uploads.put(...used, 'left.png');
    await Album.collection.insertMany(used.map((image) => ({ image })));
  });
  afterEach(closeTestApps);

  function plain(name: string, definition: object, connection: Connection = s.connection): AnyDocumentModel {
    return connection.model(name, new Schema(definition, { strict: false })) as AnyDocumentModel;
  }
  const remove = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, remove: true, maxShare: 1, ...options });

  it('and keeps what they mention anywhere, with the document that does', async () => {
    await s.uploads.put(
      'banner.png',
      'b c.png',
      'deep.png',
      'key.png',
      'été.png',
      'by-slug.png',
      '象图',
      '(1)',
    );
    const documents = [
      { hero: { src: 'https://cdn.example.com/x/banner.png?w=1' } },
      { html: '<p>Text <img src="/static/b%20c.png"> more</p>' },
      { blocks: [[{ list: ['no', { value: 'see DEEP.PNG, please' }] }]] },
      { byName: { 'key.png': true } },
      { text: 'e&#769;t&eacute; is not it, %C3%A9t%C3%A9.png is' },
      { slug: 'by-slug' },
      { text: 'see 象图 there' },
      { text: 'file (1) there' },
    ];
    const { insertedIds } = await Page.collection.insertMany(documents);
    const report = await remove();
    expect(report.counts).to.include({ unclear: 8, orphans: 1, removed: 1 });
    const told = report.unclear.map(({ name, field, documentId }) => [name, field, String(documentId)]);
    const id = (index: number): string => String(insertedIds[index]);
    expect(told).to.have.deep.members([
      ['banner.png', 'hero.src', id(0)],
      ['b c.png', 'html', id(1)],
      ['deep.png', 'blocks.list.value', id(2)],
      ['key.png', 'byName.key.png', id(3)],
      ['été.png', 'text', id(4)],
      ['by-slug.png', 'slug', id(5)],
      ['象图', 'text', id(6)],
      ['(1)', 'text', id(7)],
    ]);
    expect(report.unclear[0]).to.include({
      model: 'Page',
      database: s.connection.name,
      collection: 'pages',
    });
  });

  it('and removes what none of them mentions: another name, a part of a longer one, a key without extension', async () => {
    await s.uploads.put('pic.png', 'holiday in may.png', 'logo.png');
    await Page.collection.insertMany([
      { text: 'my-pic.png, pic.png.webp, xpic.png' },
      { text: 'we were on holiday in june.png' },
      { logo: { width: 3 } },
    ]);
    const report = await remove();
    expect(report.unclear).to.deep.equal([]);
    expect(report.counts.removed).to.equal(4);
  });

  it('and the fields of its own models that the plugin does not track', async () => {
    const { insertedId } = await Album.collection.insertOne({ image: '1.png', title: 'left.png' });
    const report = await remove();
    expect(report.counts).to.include({ unclear: 1, orphans: 0 });
    expect(report.unclear[0]).to.deep.include({ model: 'Album', field: 'title', value: 'left.png' });
    expect(String(report.unclear[0]!.documentId)).to.equal(String(insertedId));
  });

  it('and takes a tracked value that leads to a file for no mention of another file of that name', async () => {
    const Shop = s.model(
      'Shop',
      { images: [[String]], thumbs: { type: Map, of: String }, photo: Object, parts: [{ image: Object }] },
      { fields: ['images', 'thumbs', 'photo', 'parts.image'] },
    );
    const files = ['a.png', 'b.png', 'c.png', 'd.png', 'in/e.png'];
    await s.uploads.put(...files, ...['a', 'b', 'c', 'd'].map((name) => `in/${name}.png`), 'alt.png');
    await Shop.collection.insertOne({
      images: [['a.png']],
      thumbs: { small: '/uploads/b.png' },
      photo: { path: 'uploads/c.png', originalname: 'left.png', alt: 'unlike alt.png' },
      parts: [{ image: { url: '/uploads/d.png' } }, { image: 'in/e.png' }],
    });
    const report = await remove({ models: [Album, Shop] });
    expect(report.unclear.map(({ name, field }) => [name, field])).to.deep.equal([['alt.png', 'photo.alt']]);
    expect(report.files.map(({ name }) => name)).to.have.members([
      'left.png',
      'in/a.png',
      'in/b.png',
      'in/c.png',
      'in/d.png',
    ]);
  });

  it('and keeps what is named after a document, whose id alone says so', async () => {
    const { insertedId } = await Page.collection.insertOne({});
    await s.uploads.put(`${String(insertedId)}.png`);
    const report = await remove();
    expect(report.counts).to.include({ unclear: 1, removed: 1 });
    expect(report.unclear[0]).to.include({ field: '_id', value: String(insertedId) });
  });

  it('past hooks, default filters, and projections of the schema', async () => {
    const schema = new Schema({ text: { type: String, select: false }, isDeleted: Boolean });
    schema.pre(/^find|^count/, function (this: { where(filter: object): void }) {
      this.where({ isDeleted: { $ne: true } });
    });
    const Hidden = s.connection.model('Hidden', schema);
    await Hidden.collection.insertOne({ text: 'left.png', isDeleted: true });
    expect((await remove()).unclear.map(({ model }) => model)).to.deep.equal(['Hidden']);
  });

  it('models with the plugin that were not given among them, whatever storage they have', async () => {
    const provider = localProvider({ root: `${s.uploads.outside}/other`, baseUrl: '/other' });
    const schema = new Schema({ image: String, text: String });
    schema.plugin(imageCleanup, { ...s.options, fields: ['image'], provider });
    const Other = s.connection.model('Other', schema);
    await Other.collection.insertOne({ text: '/uploads/left.png' });
    const report = await remove();
    expect(report.unclear.map(({ model, field }) => [model, field])).to.deep.equal([['Other', 'text']]);
    expect(report.notes.join()).to.include('--model Other');
  });

  it('and lists them as read, once something seems to be an orphan', async () => {
    await Page.collection.insertMany([{ a: 1 }, { b: 2 }]);
    const report = await remove();
    expect(
      report.collections.map(({ collection, fields, documents }) => [collection, fields, documents]),
    ).to.deep.equal([
      ['albums', ['image'], 6],
      ['pages', [], 2],
    ]);
    const again = await remove();
    expect(again.status).to.equal('clean');
    expect(again.collections).to.have.length(1);
  });

  it('unless only tracked fields are to be read', async () => {
    await Page.collection.insertOne({ text: 'left.png' });
    await Album.collection.insertOne({ image: '1.png', title: 'left.png' });
    await s.connection.db!.collection('loose').insertOne({ a: 1 });
    await s.uploads.put('image');
    const commands = watchCommands(s.connection);
    const report = await remove({ onlyTracked: true, allow: ['foreign-kind:none'] });
    expect(report.counts).to.include({ unclear: 0, removed: 2 });
    expect(report.unread).to.deep.equal([]);
    const finds = commands.of('find');
    expect(
      finds.every(({ projection }) => (projection as { image?: number } | undefined)?.image === 1),
    ).to.equal(true);
  });

  it('where only tracked fields are read, still with what these mention', async () => {
    await Album.collection.insertOne({ image: 'https://old.example/left.png' });
    const report = await remove({ onlyTracked: true });
    expect(report.unclear.map(({ model, field }) => [model, field])).to.deep.equal([['Album', 'image']]);
  });

  it('whole, with a find that projects nothing away, in batches', async () => {
    await Page.collection.insertMany(Array.from({ length: 500 }, () => ({ text: 'x' })));
    const commands = watchCommands(s.connection);
    await remove();
    const find = commands.of('find').filter(({ find: name }) => name === 'pages');
    expect(find.length).to.be.greaterThan(0);
    for (const one of find) expect(one).to.not.have.property('projection');
    expect(find.at(-1)).to.include({ batchSize: 200 });
    expect(commands.of('getMore').filter(({ collection }) => collection === 'pages')).to.have.length(2);
  });

  it('and refuses when one of them cannot be read', async () => {
    const db = s.connection.db as unknown as { collection: (name: string) => { find: unknown } };
    const original = db.collection.bind(db);
    db.collection = (name) => {
      const collection = original(name);
      if (name === 'pages') {
        collection.find = () => {
          throw new Error('not authorised');
        };
      }
      return collection;
    };
    const report = await remove();
    expect(report.refusals.map(({ reason, message }) => [reason, message])).to.deep.equal([
      [
        'unread-model',
        `the documents of Page (${s.connection.name}.pages) could not be read: not authorised`,
      ],
    ]);
    expect(await s.uploads.has('left.png')).to.equal(true);
    expect((await remove({ allow: ['unread-model'] })).counts.removed).to.equal(1);
  });

  itWith('views')('reads a view like any collection', async () => {
    await s.connection.db!.collection('sources').insertOne({ text: 'left.png' });
    await s.connection.db!.createCollection('shown', { viewOn: 'sources', pipeline: [] });
    s.connection.model('Shown', new Schema({}, { collection: 'shown', autoCreate: false }));
    expect((await remove()).unclear.map(({ model }) => model)).to.deep.equal(['Shown']);
  });

  itWith('views')(
    'lists the collections that it did not read: without a model, and of other connections',
    async () => {
      const db = s.connection.db!;
      await db.collection('logs').insertOne({ text: 'left.png' });
      await db.collection('imagecleanupleases').insertOne({ a: 1 });
      await db.createCollection('logsShown', { viewOn: 'logs', pipeline: [] });
      const list = db.listCollections.bind(db);
      const own = ['system.views', 'system.buckets.measured', 'enxcol_.people.esc'];
      (db as { listCollections: unknown }).listCollections = (...how: Parameters<typeof list>) => ({
        toArray: async () => [
          ...(await list(...how).toArray()),
          ...own.map((name) => ({ name, type: 'collection' })),
        ],
      });
      const other = await connect();
      plain('Tenant', {}, other);
      const report = await remove();
      expect(report.unread).to.deep.include({
        database: other.name,
        collection: 'tenants',
        reason: 'other connection',
        models: ['Tenant'],
      });
      expect(report.unread.filter(({ reason }) => reason === 'no model')).to.deep.equal([
        { database: s.connection.name, collection: 'logs', reason: 'no model', models: [] },
      ]);
      expect(report.counts.removed).to.equal(1);
    },
  );

  it('names the document of a tracked field that mentions a file, and shows the value shortened and without secrets', async () => {
    await s.uploads.put('a.png', 'b.png');
    const long = `${'x '.repeat(5000)}https://user:word@old.example/a.png?token=abcdef&w=1 ${'y '.repeat(5000)}`;
    await Album.collection.insertOne({ image: long });
    await Page.collection.insertOne({ text: '{"file":"b.png","apiKey":"12345"}' });
    const seen: UnclearFile[] = [];
    const { unclear } = await remove({ onUnclear: (one) => seen.push(one) });
    expect(seen).to.deep.equal(unclear);
    const [a, b] = ['a.png', 'b.png'].map((name) => unclear.find((one) => one.name === name));
    expect(a).to.include({ model: 'Album', field: 'image' });
    expect(a!.value).to.match(/^…/).and.to.match(/…$/).and.to.include('a.png?token=***');
    expect(a!.value).to.not.include('word@').and.to.not.include('abcdef');
    expect(a!.value!.length).to.be.lessThan(200);
    expect(b!.value).to.equal('{"file":"b.png","apiKey":"***"}');
  });

  it('says so when it may not list the collections', async () => {
    const db = s.connection.db as unknown as { listCollections: unknown };
    db.listCollections = () => ({ toArray: () => Promise.reject(new Error('not authorised')) });
    const report = await remove();
    expect(report.notes.join()).to.match(
      /could not determine which collections of .* have no model: not authorised/,
    );
    expect(report.counts.removed).to.equal(1);
  });

  it('reads texts of any size and shape in reasonable time', async () => {
    const slashes = `a${'/'.repeat(200_000)}b`;
    const deep = Array.from({ length: 90 }).reduce<object>((inner) => ({ inner: [inner] }), {
      last: 'left.png',
    });
    await Page.collection.insertMany([
      { text: slashes },
      { many: Array.from({ length: 120_000 }, (_, i) => `x${String(i)}`).concat('x.png') },
      deep,
    ]);
    await s.uploads.put('x.png');
    const report = await remove();
    expect(report.unclear.map(({ name }) => name)).to.have.members(['left.png', 'x.png']);
  });

  it('holds a thousand of them in its report, and tells each', async () => {
    const names = Array.from({ length: 1100 }, (_, i) => `m${String(i)}.png`);
    await s.uploads.put(...names);
    await Page.collection.insertOne({ names });
    let told = 0;
    const report = await remove({ onUnclear: () => told++ });
    expect([report.counts.unclear, told, report.unclear.length]).to.deep.equal([1100, 1100, 1000]);
  });
});
