import { expect } from 'chai';
import { symlink } from 'node:fs/promises';
import { Schema } from 'mongoose';
import { cleanupFor, imageCleanup, type LocalProviderOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { CloudinaryServer, providerFor } from '../support/cloudinary/index.js';
import { folderProvider, insertRaw, untyped } from '../support/usage.js';

/** A model over a folder below the uploads, and what its document stores. */
interface Side {
  readonly folder?: string;
  readonly options?: LocalProviderOptions;
  readonly stores: string;
}

/** Two models whose documents name one file, each in the way of its own provider. */
const SAME_FILE: Record<string, { file: string; sides: [Side, Side] }> = {
  'a path, and the URL of a CDN': {
    file: 'a.png',
    sides: [
      { stores: '/uploads/a.png' },
      {
        options: { baseUrl: 'https://cdn.example.com/uploads' },
        stores: 'https://cdn.example.com/uploads/a.png',
      },
    ],
  },
  'a bare name, and the URL of a CDN': {
    file: 'a.png',
    sides: [
      { stores: 'a.png' },
      { options: { baseUrl: 'https://cdn.example.com/u' }, stores: 'https://cdn.example.com/u/a.png' },
    ],
  },
  'a bare name in a folder, and a path in the folder around it': {
    file: 'admin/2.png',
    sides: [{ folder: 'admin', stores: '2.png' }, { stores: 'admin/2.png' }],
  },
  'the path of a folder, and of the folder around it': {
    file: 'admin/2.png',
    sides: [
      { folder: 'admin', options: { baseUrl: '/admin' }, stores: '/admin/2.png' },
      { stores: '/uploads/admin/2.png' },
    ],
  },
  'two paths under which one folder is served': {
    file: 'a.png',
    sides: [{ stores: '/uploads/a.png' }, { options: { baseUrl: '/media' }, stores: '/media/a.png?v=2' }],
  },
  'a host that only one of them lists': {
    file: 'my pic.png',
    sides: [
      { stores: 'my pic.png' },
      { options: { hosts: ['img.example'] }, stores: 'https://img.example/uploads/my%20pic.png' },
    ],
  },
};

describe('models with providers of their own', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'my pic.png', 'admin/1.png', 'admin/2.png', 'category/1.png');
  });
  afterEach(closeTestApps);

  function model(name: string, { folder = '', options = {} }: Omit<Side, 'stores'>): AnyDocumentModel {
    return s.model(name, { image: String }, { provider: folderProvider(s, folder, options) });
  }

  for (const [title, { file, sides }] of Object.entries(SAME_FILE)) {
    for (const [first, second] of [sides, [sides[1], sides[0]]] as [Side, Side][]) {
      it(`${title}: ${second.stores} keeps the file that ${first.stores} named, and goes as the last one`, async () => {
        const First = model('First', first);
        const Second = model('Second', second);
        await First.create({ image: first.stores });
        await Second.create({ image: second.stores });
        await First.deleteOne({});
        expect(await s.outcomes()).to.deep.equal([`kept ${first.stores} (still used)`]);
        expect(await s.uploads.has(file)).to.equal(true);
        await Second.deleteOne({});
        expect(await s.outcomes()).to.deep.equal([`removed ${second.stores}`]);
        expect(await s.uploads.has(file)).to.equal(false);
      });
    }
  }

  for (const [deleted, left] of [
    ['admin', 'category'],
    ['category', 'admin'],
  ] as const) {
    it(`the same bare name in sibling folders: ${deleted}/1.png goes and ${left}/1.png stays`, async () => {
      const Deleted = model('Deleted', { folder: deleted });
      const Left = model('Left', { folder: left });
      await Deleted.create({ image: '1.png' });
      await Left.create({ image: '1.png' });
      await Deleted.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['removed 1.png']);
      expect(await s.uploads.has(`${deleted}/1.png`)).to.equal(false);
      expect(await s.uploads.has(`${left}/1.png`)).to.equal(true);
    });
  }

  it('one folder reached through a symbolic link is one folder', async () => {
    await symlink(s.uploads.root, `${s.uploads.outside}/link`, 'dir');
    const Direct = model('Direct', {});
    const Linked = s.model(
      'Linked',
      { image: String },
      { provider: folderProvider(s, '', { root: `${s.uploads.outside}/link`, baseUrl: '/files' }) },
    );
    for (const [Deleted, stored, Left, used] of [
      [Direct, '/uploads/a.png', Linked, '/files/a.png'],
      [Linked, '/files/my%20pic.png', Direct, 'my pic.png'],
    ] as const) {
      await Left.create({ image: used });
      await Deleted.create({ image: stored });
      await Deleted.deleteMany({});
      expect(await s.outcomes()).to.deep.equal([`kept ${stored} (still used)`]);
      await Left.collection.deleteMany({});
    }
  });

  describe('over one collection', () => {
    it('a value of one field is read by the providers of both models', async () => {
      const options = (folder: string): object => ({ provider: folderProvider(s, folder) });
      const Admin = s.model('Admin', { image: String }, options('admin'), { collection: 'people' });
      const Category = s.model('Category', { image: String }, options('category'), { collection: 'people' });
      const [one] = await Admin.create([{ image: '1.png' }, { image: '1.png' }]);
      await Category.deleteOne({ _id: one._id });
      expect(await s.outcomes()).to.deep.equal(['kept 1.png (still used)']);
      await Admin.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['removed 1.png']);
      expect(await s.uploads.names())
        .to.include('category/1.png')
        .and.not.include('admin/1.png');
    });

    it('a field of one model is a use for the other, in the way of its own provider', async () => {
      const Album = s.model('Album', { image: String }, {}, { collection: 'albums' });
      const media = folderProvider(s, '', { baseUrl: '/media' });
      s.model('Cover', { cover: String }, { fields: ['cover'], provider: media }, { collection: 'albums' });
      const album = await Album.create({ image: 'a.png' });
      await Album.collection.insertOne({ cover: '/media/a.png' });
      await album.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    });

    it('a discriminator with a provider of its own', async () => {
      const base = new Schema({ image: String });
      base.plugin(imageCleanup, { ...s.options, fields: ['image'], provider: folderProvider(s, 'admin') });
      const Base = s.connection.model('Base', base) as unknown as AnyDocumentModel;
      const child = new Schema({ poster: String });
      child.plugin(imageCleanup, {
        ...s.options,
        fields: ['poster'],
        provider: folderProvider(s, 'category'),
      });
      const Child = Base.discriminator('Child', child) as unknown as AnyDocumentModel;
      await Base.create({ image: '1.png' });
      await Child.create({ poster: '1.png' });
      await Child.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['removed 1.png']);
      expect(await s.uploads.names())
        .to.include('admin/1.png')
        .and.not.include('category/1.png');
    });
  });

  describe('references to a model without the plugin', () => {
    function page(): AnyDocumentModel {
      return s.connection.model('Page', new Schema({ picture: String })) as unknown as AnyDocumentModel;
    }

    it('are read by the provider of the model that asks', async () => {
      await insertRaw(page(), { picture: '1.png' });
      const references = [{ model: 'Page', fields: ['picture'] }];
      const Admin = s.model('Admin', { image: String }, { provider: folderProvider(s, 'admin'), references });
      const Category = model('Category', { folder: 'category' });
      await Admin.create({ image: '1.png' });
      await Category.create({ image: '1.png' });
      await Admin.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['kept 1.png (still used)']);
      await Category.deleteOne({});
      expect(await s.outcomes(), 'Category does not ask the page').to.deep.equal(['removed 1.png']);
    });

    it('are read by the providers of all who ask', async () => {
      await insertRaw(page(), { picture: '/uploads/admin/2.png' });
      const references = [{ model: 'Page', fields: ['picture'] }];
      s.model('Admin', { image: String }, { references, provider: folderProvider(s, 'admin') });
      s.model('Gallery', { image: String }, { references });
      await cleanupFor(s.connection).removeUnused([s.uploads.path('admin/2.png'), s.uploads.path('a.png')]);
      expect((await s.outcomes()).map((told) => told.split(' ')[0])).to.deep.equal(['kept', 'removed']);
      expect(await s.uploads.names())
        .to.include('admin/2.png')
        .and.not.include('a.png');
    });
  });

  describe('a provider for each field of one schema', () => {
    function quiz(options: object = {}): AnyDocumentModel {
      const fields = [
        { path: 'cover', provider: folderProvider(s, 'admin') },
        { path: 'questions.image', provider: folderProvider(s, 'category') },
        'image',
      ];
      const definition = { cover: String, image: String, questions: [{ _id: false, image: String }] };
      return s.model('Quiz', definition, untyped({ fields, ...options }));
    }

    it('removes the file of each field in its own folder', async () => {
      const Quiz = quiz();
      await Quiz.create([{ cover: '1.png' }, { questions: [{ image: '1.png' }] }, { image: 'a.png' }]);
      await Quiz.deleteOne({ 'questions.image': '1.png' });
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'admin/1.png', 'admin/2.png', 'my pic.png']);
      await Quiz.updateOne({ cover: '1.png' }, { cover: '2.png' });
      await Quiz.deleteOne({ image: 'a.png' });
      expect(await s.uploads.names()).to.deep.equal(['admin/2.png', 'my pic.png']);
      expect(await s.outcomes()).to.deep.equal(['removed 1.png', 'removed 1.png', 'removed a.png']);
    });

    it('keeps a file that another field names in the way of its own provider', async () => {
      const Quiz = quiz();
      await Quiz.create([{ cover: '2.png' }, { image: '/uploads/admin/2.png' }]);
      await Quiz.deleteOne({ cover: '2.png' });
      expect(await s.outcomes()).to.deep.equal(['kept 2.png (still used)']);
      await Quiz.create({ cover: '2.png' });
      await Quiz.deleteOne({ image: '/uploads/admin/2.png' });
      expect(await s.outcomes()).to.deep.equal(['kept /uploads/admin/2.png (still used)']);
    });

    it('reads a referenced model without the plugin by each of them', async () => {
      const Page = s.connection.model('Page', new Schema({ picture: String }));
      await Page.create({ picture: '1.png' });
      const Quiz = quiz({ references: [{ model: 'Page', fields: ['picture'] }] });
      await Quiz.create({ cover: '1.png', questions: [{ image: '1.png' }] });
      await Quiz.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['kept 1.png (still used)', 'kept 1.png (still used)']);
    });
  });

  describe('with a cloud', () => {
    let server: CloudinaryServer;
    const URL_OF_LOGO = 'https://res.cloudinary.com/demo/image/upload/v1571218040/logo.png';
    beforeEach(async () => {
      server = await new CloudinaryServer().start();
      server.store.put('image', 'upload', 'logo', 'png');
    });
    afterEach(() => server.stop());

    it('[cloudinary, local] beside local: either keeps what the other named', async () => {
      const Both = s.model('Both', { image: String }, { provider: [providerFor(server), folderProvider(s)] });
      const Local = model('Local', { options: { baseUrl: '/media' } });
      await Both.create([{ image: '/uploads/a.png' }, { image: '/uploads/my%20pic.png' }]);
      await Local.create([{ image: '/media/a.png' }, { image: '/media/my%20pic.png' }]);
      await Both.deleteOne({ image: '/uploads/a.png' });
      await Local.deleteOne({ image: '/media/my%20pic.png' });
      expect(await s.outcomes()).to.deep.equal([
        'kept /media/my%20pic.png (still used)',
        'kept /uploads/a.png (still used)',
      ]);
    });

    it('a public id that only one of the models accepts is a use for the other', async () => {
      const Ids = s.model('Ids', { image: String }, { provider: providerFor(server, { publicIds: true }) });
      const Urls = s.model(
        'Urls',
        { image: String },
        { provider: providerFor(server, { publicIds: false }) },
      );
      await Ids.create({ image: 'logo' });
      await Urls.create({ image: URL_OF_LOGO });
      await Urls.deleteOne({});
      expect(await s.outcomes()).to.deep.equal([`kept ${URL_OF_LOGO} (still used)`]);
      await Urls.create({ image: URL_OF_LOGO });
      await Ids.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['kept logo (still used)']);
      expect(server.store.has('image', 'upload', 'logo')).to.equal(true);
    });

    it('a file of the same name as a public id is another image', async () => {
      await s.uploads.put('logo');
      const Cloud = s.model(
        'Cloud',
        { image: String },
        { provider: providerFor(server, { publicIds: true }) },
      );
      const Local = model('Local', {});
      await Cloud.create({ image: 'logo' });
      await Local.create({ image: 'logo' });
      await Cloud.deleteOne({});
      expect(await s.outcomes()).to.deep.equal(['removed logo']);
      expect(await s.uploads.has('logo')).to.equal(true);
    });
  });
});
