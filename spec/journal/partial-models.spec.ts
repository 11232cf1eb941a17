import { expect } from 'chai';
import { Schema, type Connection } from 'mongoose';
import { cleanupFor, imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import { connect, uriOf } from '../support/database.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

const HOUR = 3_600_000;

describeWith('updates by pipelines')('a worker that has fewer models than the process that wrote', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  let Page: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    const options = { journal: true, gracePeriod: '1h' } as const;
    Album = s.model('Album', { image: String }, options);
    Page = s.model('Page', { image: String }, options);
    await s.uploads.put('a.png');
    await Album.create({ image: 'a.png' });
    await Page.create({ image: 'other.png' });
  });
  afterEach(closeTestApps);

  /** A process with `Album` alone. */
  async function workerOfAlbums(own: ImageCleanupOptions = {}): Promise<Connection> {
    const connection = await connect({}, uriOf(s.connection));
    const schema = new Schema({ image: String });
    schema.plugin(imageCleanup, {
      fields: ['image'],
      ...s.options,
      journal: true,
      gracePeriod: '1h',
      ...own,
    });
    connection.model('Album', schema);
    return connection;
  }

  async function due(): Promise<void> {
    await letTimePass(s.connection, HOUR);
  }

  it('leaves a file that one of the others uses, and says which collection it does not read', async () => {
    await Page.create({ image: '/uploads/a.png' });
    await Album.deleteMany({});
    await due();
    const report = await cleanupFor(await workerOfAlbums()).runDue();
    expect(report).to.deep.equal({ delivered: 0, left: 1 });
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
    expect(s.log.join()).to.match(/no model in this process reads the collection ".*\.pages"/);
    await letTimePass(s.connection, HOUR);
    await cleanupFor(s.connection).runDue();
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
    expect(await intentsOf(s.connection)).to.deep.equal([]);
  });

  it('leaves what removeUnused has announced for all models', async () => {
    await cleanupFor(s.connection).removeUnused(['/uploads/a.png'], { after: '1h' });
    await Album.collection.deleteMany({});
    await Page.create({ image: 'a.png' });
    await due();
    expect((await cleanupFor(await workerOfAlbums()).runDue()).delivered).to.equal(0);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
  });

  it('delivers where the other collection has no documents any more: the model was taken out of the app', async () => {
    await Album.deleteMany({});
    await Page.collection.drop();
    await due();
    expect((await cleanupFor(await workerOfAlbums()).runDue()).delivered).to.equal(1);
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('delivers where the writer asks nobody else', async () => {
    const Own = s.model('Own', { image: String }, { journal: true, gracePeriod: '1h', references: 'model' });
    await s.uploads.put('own.png');
    await Own.create({ image: 'own.png' });
    await Own.deleteMany({});
    await due();
    const connection = await workerOfAlbums();
    const schema = new Schema({ image: String });
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options, journal: true, references: 'model' });
    connection.model('Own', schema);
    expect((await cleanupFor(connection).runDue()).delivered).to.equal(1);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
  });
});
