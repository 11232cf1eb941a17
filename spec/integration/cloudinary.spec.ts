import { expect } from 'chai';
import { Schema, type Connection, type mongo, type SchemaDefinition } from 'mongoose';
import { inspect } from 'node:util';
import { cleanupFor, imageCleanup, localProvider } from '../../lib/index.js';
import type { CleanupEvent, ImageCleanupOptions, StorageProvider } from '../../lib/index.js';
import type { AnyDocumentModel } from '../support/test-app.js';
import { CloudinaryServer, demo, limited, providerFor, upload } from '../support/cloudinary/index.js';
import { connect, watchCommands } from '../support/database.js';
import { Uploads } from '../support/uploads.js';

describe('images on Cloudinary', () => {
  let server: CloudinaryServer;
  let connection: Connection;
  let events: CleanupEvent[];
  let log: string[];

  before(async () => (server = await new CloudinaryServer().start()));
  beforeEach(async () => {
    connection = await connect();
    events = [];
    log = [];
  });
  afterEach(() => {
    server.reset();
    for (const key of server.store.keys) {
      const [resourceType, type, ...id] = key.split('/');
      server.store.remove(resourceType!, type!, id.join('/'));
    }
  });
  after(() => server.stop());

  function model(
    definition: SchemaDefinition,
    options: ImageCleanupOptions,
    provider: StorageProvider | StorageProvider[] = providerFor(server),
  ): AnyDocumentModel {
    const schema = new Schema(definition);
    const note = (message: string) => void log.push(message);
    schema.plugin(imageCleanup, {
      provider,
      onEvent: (event) => events.push(event),
      logger: { warn: note, error: note },
      retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 2 },
      ...options,
    });
    return connection.model('Album', schema) as AnyDocumentModel;
  }

  const outcomes = () =>
    events.map(({ outcome, asset, reason }) => [outcome, asset?.key, ...(reason ? [reason] : [])]);
  const idOf = (key: string) => key.replace('image/upload/', '');
  const stored = () => server.store.keys.map(idOf);

  it('an image goes when its secure_url is replaced, as the real SDK uploaded it', async () => {
    const Album = model({ image: String }, { fields: ['image'] });
    const old = await upload(server, { public_id: 'albums/été 1' });
    const next = await upload(server, { public_id: 'albums/2' });
    const album = await Album.create({ image: old.secure_url });
    album.set('image', next.secure_url);
    await album.save();
    expect(stored()).to.deep.equal(['albums/2']);
    expect(outcomes()).to.deep.equal([['removed', 'demo/image/upload/albums/été 1']]);
  });

  it('every form of value in every form of field: strings, objects, sub-documents, arrays, Maps', async () => {
    const Photo = new Schema({ public_id: String, resource_type: String, url: String });
    const Album = model(
      {
        image: String,
        gallery: [String],
        cover: Photo,
        photos: [Photo],
        thumbs: { type: Map, of: String },
        upload: Schema.Types.Mixed,
        films: { type: Map, of: Photo },
      },
      { fields: ['image', 'gallery', 'cover', 'photos', 'thumbs', 'upload', 'films'] },
    );
    const names = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
    const results = await Promise.all(names.map((public_id) => upload(server, { public_id })));
    const film = await upload(server, { public_id: 'film', resource_type: 'video' });
    const [a, b, c, d, e, f, g, h] = results;
    const album = await Album.create({
      image: a!.secure_url,
      gallery: [b!.url, 'c'],
      cover: { public_id: d!.public_id, url: d!.url },
      photos: [{ public_id: e!.public_id }],
      thumbs: { small: f!.secure_url, large: g!.public_id },
      upload: h,
      films: { one: { public_id: 'film', resource_type: film.resource_type } },
    });
    expect(c!.public_id).to.equal('c');
    await album.deleteOne();
    expect(outcomes().map(([outcome]) => outcome)).to.deep.equal(Array(9).fill('removed'));
    expect(server.store.keys).to.deep.equal([]);
  });

  describe('still used?', () => {
    const url = (rest: string) => `https://res.cloudinary.com/demo/${rest}`;
    const uses: [form: string, value: unknown][] = [
      ['another version', url('image/upload/v999/p/a.jpg')],
      ['no version', url('image/upload/p/a.jpg')],
      ['another format', url('image/upload/v1/p/a.webp')],
      ['a transformation', url('image/upload/c_fill,w_100/e_sepia/v1/p/a.jpg')],
      ['a signature', url('image/upload/s--abcd1234--/w_10/v1/p/a.jpg')],
      ['http', 'http://res.cloudinary.com/demo/image/upload/v1/p/a.jpg'],
      ['no scheme', '//res.cloudinary.com/demo/image/upload/v1/p/a.jpg'],
      ['a sharded host', 'https://res-3.cloudinary.com/demo/image/upload/v1/p/a.jpg'],
      ['a private host', 'https://demo-res.cloudinary.com/image/upload/v1/p/a.jpg'],
      ['an SEO suffix', url('images/v1/p/a/my-picture.jpg')],
      ['a short path', url('iu/v1/p/a.jpg')],
      ['a token', url('image/upload/v1/p/a.jpg?__cld_token__=x')],
      ['the public id', 'p/a'],
      ['an object', { public_id: 'p/a' }],
      ['an upload result', { public_id: 'p/a', secure_url: url('image/upload/v1/p/a.jpg'), version: 1 }],
      ['an ambiguous URL: a folder or a transformation', url('image/upload/t_x/p/a.jpg')],
      ['an ambiguous URL: a folder or a suffix', url('v1/p/a/suffix.jpg')],
      ['an ambiguous name: an id with its format', 'p/a.jpg'],
    ];
    for (const [form, value] of uses) {
      it(`${form} keeps the asset, until it goes as well`, async () => {
        const Album = model({ image: Schema.Types.Mixed }, { fields: ['image'] });
        server.store.put('image', 'upload', 'p/a');
        const owner = await Album.create({ image: url('image/upload/v1/p/a.jpg') });
        const user = await Album.create({ image: value });
        await owner.deleteOne();
        expect(outcomes()).to.deep.equal([['kept', 'demo/image/upload/p/a', 'still used']]);
        expect(stored()).to.deep.equal(['p/a']);
        await user.updateOne({ image: null });
        await cleanupFor(connection).removeUnused([url('image/upload/v1/p/a.jpg')]);
        expect(stored()).to.deep.equal([]);
      });
    }

    const others: [what: string, value: unknown][] = [
      ['an asset in a folder of that name', url('image/upload/v1/p/a/b.jpg')],
      ['an asset that begins alike', url('image/upload/v1/p/a2.jpg')],
      ['another cloud', 'https://res.cloudinary.com/other/image/upload/v1/p/a.jpg'],
      ['another resource type', url('video/upload/v1/p/a.jpg')],
      ['another delivery type', url('image/private/v1/p/a.jpg')],
      ['another case', url('image/upload/v1/P/a.jpg')],
      ['another id with a dot', 'p/a.b.c'],
    ];
    for (const [what, value] of others) {
      it(`${what} is no use of it`, async () => {
        // of another cloud it would be a mention
        const Album = model({ image: Schema.Types.Mixed }, { fields: ['image'], mentionsUpTo: 0 });
        server.store.put('image', 'upload', 'p/a');
        const owner = await Album.create({ image: url('image/upload/v1/p/a.jpg') });
        await Album.create({ image: value });
        await owner.deleteOne();
        expect(outcomes()).to.deep.equal([['removed', 'demo/image/upload/p/a']]);
      });
    }

    it('asks by equality first, then once by anchored beginnings, both under the time limit', async () => {
      const Album = model(
        { image: { type: String, index: true } },
        { fields: ['image'], timeoutMs: 7000, mentionsUpTo: 0 },
      );
      await Album.init();
      for (const id of ['p/a', 'p/b']) server.store.put('image', 'upload', id);
      await Album.create([
        { image: url('image/upload/v1/p/a.jpg') },
        { image: url('image/upload/v1/p/b.jpg') },
      ]);
      const commands = watchCommands(connection);
      await Album.deleteMany({});
      const questions = commands.of('find').filter(({ filter }) => '$or' in (filter as object));
      expect(questions).to.have.length(2);
      const [equality, scan] = questions.map(({ filter }) => (filter as { $or: mongo.Document[] }).$or);
      expect(equality).to.deep.equal([{ image: { $in: ['p/a', 'p/b'] } }]);
      expect(scan).to.have.length(1);
      const patterns = (scan![0] as { image: { $in: { pattern?: string; source?: string }[] } }).image.$in;
      const sources = patterns.map((one) => one.source ?? one.pattern);
      expect(sources.every((one) => one?.startsWith('^'))).to.equal(true);
      expect(new Set(sources).size).to.equal(sources.length);
      expect(sources).to.include.members(
        ['^https:\\/\\/res\\.cloudinary\\.com\\/demo\\/', '^p\\/b\\.'].map(unescaped(sources)),
      );
      for (const { maxTimeMS } of questions) expect(maxTimeMS).to.equal(7000);
      expect(stored()).to.deep.equal([]);
    });

    it('an answer by equality asks no more', async () => {
      const Album = model({ image: { type: String, index: true } }, { fields: ['image'] });
      await Album.init();
      server.store.put('image', 'upload', 'p/a');
      const [owner] = await Album.create([{ image: 'p/a' }, { image: 'p/a' }]);
      const commands = watchCommands(connection);
      await owner!.deleteOne();
      expect(commands.of('find').filter(({ filter }) => '$or' in (filter as object))).to.have.length(1);
      expect(stored()).to.deep.equal(['p/a']);
    });

    it('the same id uploaded anew: the old version is a use of the new one', async () => {
      const Album = model({ image: String }, { fields: ['image'] });
      const first = await upload(server, { public_id: 'p/a' });
      const album = await Album.create({ image: first.secure_url });
      const second = await upload(server, { public_id: 'p/a' });
      expect(second.secure_url).not.to.equal(first.secure_url);
      album.set('image', second.secure_url);
      await album.save();
      expect(stored()).to.deep.equal(['p/a']);
    });
  });

  it('two providers in one schema: each value goes to its owner', async () => {
    const uploads = await Uploads.create();
    await uploads.put('a.png', 'uploads/ab12', 'b.png');
    const Album = model({ gallery: [String] }, { fields: ['gallery'] }, [
      providerFor(server),
      localProvider({ root: uploads.root }),
    ]);
    const image = await upload(server, { public_id: 'folder/hero' });
    const album = await Album.create({
      gallery: [image.secure_url, '/uploads/a.png', 'uploads/ab12', 'b.png', 'https://example.com/c.png'],
    });
    await album.deleteOne();
    expect(server.store.keys).to.deep.equal([]);
    expect(await uploads.names()).to.deep.equal([]);
    expect(
      events.map(({ outcome, asset, reason }) => [outcome, asset?.provider, reason]),
    ).to.have.deep.members([
      ['removed', 'cloudinary', undefined],
      ['removed', 'local', undefined],
      ['removed', 'local', undefined],
      ['removed', 'local', undefined],
      ['kept', undefined, 'not ours'],
    ]);
    await uploads.destroy();
  });

  it('what is refused is kept, with the reason', async () => {
    const Album = model({ gallery: [String] }, { fields: ['gallery'] });
    const album = await Album.create({
      gallery: [
        'https://res.cloudinary.com/demo/image/upload/u_2/blog/hero.jpg',
        'https://Res.cloudinary.com/demo/image/upload/v1/a.jpg',
        'https://res.cloudinary.com/demo/image/upload/v1/../a.jpg',
        'https://res.cloudinary.com/other/image/upload/v1/a.jpg',
        'a.png',
      ],
    });
    await album.deleteOne();
    expect(events.map(({ outcome, reason }) => [outcome, reason])).to.have.deep.members([
      ['kept', 'ambiguous'],
      ['kept', 'not canonical'],
      ['kept', 'unsafe'],
      ['kept', 'not ours'],
      ['kept', 'ambiguous'],
    ]);
    expect(server.seen).to.deep.equal([]);
  });

  it('a wrong resource type is missing, with a warning that names it', async () => {
    const Album = model({ image: String }, { fields: ['image'] });
    await upload(server, { public_id: 'film', resource_type: 'video' });
    const album = await Album.create({ image: 'film' });
    await album.deleteOne();
    expect(outcomes()).to.deep.equal([['missing', 'demo/image/upload/film']]);
    expect(server.store.keys).to.deep.equal(['video/upload/film']);
  });

  it('a server that fails is tried again; the signature of a delivery URL appears nowhere', async () => {
    const Album = model({ image: String }, { fields: ['image'] });
    server.store.put('image', 'authenticated', 'p/a');
    const signed = 'https://res.cloudinary.com/demo/image/authenticated/s--XWAuxg8c--/v1/p/a.jpg';
    const album = await Album.create({ image: signed });
    server.failNext(2, { status: 503 });
    await album.deleteOne();
    await cleanupFor(connection).idle();
    expect(events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['removed', 3]]);
    expect(events[0]?.value).to.equal(signed.replace('XWAuxg8c', '***'));
  });

  it('a rate limit waits until the time that the answer names', async () => {
    const Album = model({ image: String }, { fields: ['image'] });
    server.store.put('image', 'upload', 'a');
    server.failNext(1, limited(420));
    await (await Album.create({ image: 'a' })).deleteOne();
    // Other failures are tried again within two milliseconds; a whole round trip later there was still one request.
    await upload(server, { public_id: 'another' });
    await Album.create([{ image: null }]);
    expect(server.seen.filter(({ path }) => path.endsWith('/destroy'))).to.have.length(1);
    expect(events).to.deep.equal([]);
    await cleanupFor(connection).close();
    expect(outcomes()).to.deep.equal([['removed', 'demo/image/upload/a']]);
  });

  it('wrong credentials fail at once, once, and no secret is told to anybody', async () => {
    const provider = providerFor(server, {
      sdkOptions: {
        ...{ cloud_name: 'demo', api_key: demo.apiKey, api_secret: 'wrong-secret' },
        upload_prefix: server.uploadPrefix,
      },
    });
    const Album = model({ image: String }, { fields: ['image'] }, provider);
    await (await Album.create({ image: 'a' })).deleteOne();
    await cleanupFor(connection).idle();
    expect(events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['failed', 1]]);
    const told = inspect([events, log], { depth: null, showHidden: true }) + JSON.stringify([events, log]);
    const signatures = server.seen.flatMap(({ fields }) => fields.get('signature') ?? []);
    expect(signatures).to.have.length(1);
    for (const secret of ['wrong-secret', demo.apiSecret, demo.apiKey, ...signatures])
      expect(told).not.to.include(secret);
  });
});

/** Some versions of Node escape a slash in `RegExp.source`. */
function unescaped(sources: readonly (string | undefined)[]) {
  const plain = sources.some((one) => one?.includes('https://'));
  return (one: string) => (plain ? one.replaceAll('\\/', '/') : one);
}
