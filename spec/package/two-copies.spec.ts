import { expect } from 'chai';
import { Schema, type Connection } from 'mongoose';
import path from 'node:path';
import type * as Library from '../../lib/index.js';
import type * as Cloudinary from '../../lib/providers/cloudinary/index.js';
import { connect } from '../support/database.js';
import { appWithPackage, type App } from '../support/package.js';
import { recordingProvider } from '../support/recording-provider.js';
import { itWith } from '../support/versions.js';

type Copy = typeof Library;
type Sub = typeof Cloudinary;

/** An app whose own code is CommonJS and whose dependency is an ES module, or the other way round. */
describe('the CommonJS and the ES module copy in one process', () => {
  let cjs: Copy;
  let esm: Copy;
  let connection: Connection;
  let events: string[];
  let app: App;
  before(async function () {
    this.timeout(120_000);
    app = await appWithPackage();
    cjs = app.require<Copy>('mongoose-image-cleanup');
    esm = await app.import<Copy>('mongoose-image-cleanup');
  });
  beforeEach(async () => {
    connection = await connect();
    events = [];
  });

  const onEvent = ({ outcome, value }: Library.CleanupEvent): void => {
    events.push(`${outcome} ${String(value)}`);
  };
  const logger = { warn: () => undefined, error: () => undefined };

  it('are two', () => {
    expect(cjs.imageCleanup).to.not.equal(esm.imageCleanup);
  });

  it('apply the plugin once, and remove once', async () => {
    const provider = recordingProvider('old', 'new');
    const options = { fields: ['image'], provider, onEvent, logger };
    const schema = new Schema({ image: String });
    schema.plugin(cjs.imageCleanup, options);
    schema.plugin(esm.imageCleanup, { ...options });
    const Album = connection.model('Album', schema);
    const album = await Album.create({ image: 'old' });
    await album.set('image', 'new').save();
    await Album.updateOne({}, { image: null });
    expect(provider.calls).to.deep.equal([['old'], ['new']]);
    expect(events).to.deep.equal(['removed old', 'removed new']);
  });

  it('refuse other options, as one copy does', () => {
    const schema = new Schema({ image: String });
    schema.plugin(cjs.imageCleanup, { fields: ['image'] });
    expect(() => schema.plugin(esm.imageCleanup, { fields: ['image'], removal: 'background' })).to.throw(
      TypeError,
      'differ in the option "removal"',
    );
  });

  it('share the work that `cleanupFor` waits for and closes', async () => {
    const provider = recordingProvider('old', 'other', 'late');
    const schema = new Schema({ image: String });
    schema.plugin(cjs.imageCleanup, { fields: ['image'], provider, removal: 'background', onEvent, logger });
    const Album = connection.model('Album', schema);
    await Album.create([{ image: 'old' }, { image: 'late' }]);
    await Album.deleteOne({ image: 'old' });
    await esm.cleanupFor(connection).removeUnused(['other']);
    await esm.cleanupFor(Album).idle();
    expect(provider.gone()).to.deep.equal(['old', 'other']);
    await esm.cleanupFor(Album).close();
    await Album.deleteOne({ image: 'late' });
    await cjs.cleanupFor(Album).idle();
    expect(events.sort()).to.deep.equal(['kept late', 'removed old', 'removed other']);
  });

  it('see the uses of models that the other plugged', async () => {
    const provider = recordingProvider('shared');
    const one = new Schema({ image: String });
    one.plugin(cjs.imageCleanup, { fields: ['image'], provider, onEvent, logger });
    const two = new Schema({ photo: String });
    two.plugin(esm.imageCleanup, { fields: ['photo'], provider, onEvent, logger });
    const Album = connection.model('Album', one);
    const Member = connection.model('Member', two);
    await Album.create({ image: 'shared' });
    await Member.create({ photo: 'shared' });
    await Album.deleteMany({});
    expect(provider.gone()).to.deep.equal([]);
    await Member.deleteMany({});
    expect(provider.gone()).to.deep.equal(['shared']);
  });

  itWith('transactions')('wait together for the commit of one session', async () => {
    const provider = recordingProvider('a', 'b');
    const schemas = [cjs, esm].map(({ imageCleanup }) => {
      const schema = new Schema({ image: String });
      schema.plugin(imageCleanup, { fields: ['image'], provider, onEvent, logger });
      return schema;
    });
    const Album = connection.model('Album', schemas[0]!);
    const Member = connection.model('Member', schemas[1]!);
    await Album.create({ image: 'a' });
    await Member.create({ image: 'b' });
    await connection.transaction(async (session) => {
      await Album.deleteMany({}, { session });
      const wrapped = session.commitTransaction;
      await Member.deleteMany({}, { session });
      expect(session.commitTransaction).to.equal(wrapped);
      expect(provider.calls).to.deep.equal([]);
    });
    expect(provider.gone()).to.deep.equal(['a', 'b']);
    expect(events.sort()).to.deep.equal(['removed a', 'removed b']);
  });

  it('know each other’s `withoutImageCleanup`', async () => {
    const provider = recordingProvider('old');
    const schema = new Schema({ image: String });
    schema.plugin(esm.imageCleanup, { fields: ['image'], provider, onEvent, logger });
    const Album = connection.model('Album', schema);
    await Album.create({ image: 'old' });
    await cjs.withoutImageCleanup(() => Album.deleteMany({}));
    await cjs.cleanupFor(connection).idle();
    expect(events).to.deep.equal([]);
  });

  it('find the optional SDK beside the package, wherever the process was started', async () => {
    const home = process.cwd();
    process.chdir(path.parse(home).root);
    try {
      const name = 'mongoose-image-cleanup/cloudinary';
      for (const { cloudinaryProvider } of [app.require<Sub>(name), await app.import<Sub>(name)]) {
        expect(cloudinaryProvider().name).to.equal('cloudinary');
      }
    } finally {
      process.chdir(home);
    }
  });
});
