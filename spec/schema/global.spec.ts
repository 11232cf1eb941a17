import { expect } from 'chai';
import mongoose from 'mongoose';
import { once } from 'node:events';
import { cleanupFor, imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import type { AnyModel } from '../../lib/schema/options.js';
import { trackedOf } from '../../lib/schema/model-fields.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { closeAfterSpec, freshDatabase } from '../support/database.js';

type Own = InstanceType<typeof mongoose.Mongoose>;

describe('fields of a call for all schemas', () => {
  let s: TestApp;
  let own: Own;
  beforeEach(async () => {
    s = await testApp();
    own = new mongoose.Mongoose();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  /** The call, on Mongoose or on a connection, and a connection whose models it reaches. */
  function apply(where: 'mongoose' | 'connection', options: ImageCleanupOptions): mongoose.Connection {
    const given = { ...s.options, ...options } as never;
    if (where === 'mongoose') own.plugin(imageCleanup as never, given);
    const connection = own.createConnection(freshDatabase());
    closeAfterSpec(connection as never);
    if (where === 'connection') connection.plugin(imageCleanup as never, given);
    return connection as never;
  }

  for (const where of ['mongoose', 'connection'] as const) {
    describe(where, () => {
      const model = (connection: mongoose.Connection, name: string, definition: object): AnyDocumentModel =>
        connection.model(name, new own.Schema(definition as never) as never) as unknown as AnyDocumentModel;
      const pathsOf = (one: AnyDocumentModel): string[] =>
        trackedOf(one as AnyModel).map(({ field }) => field.path);

      it('each schema is tracked by those that it has, one without any is left alone', async () => {
        const connection = apply(where, { fields: ['image', 'cover'] });
        const Album = model(connection, 'Album', { image: String });
        const Book = model(connection, 'Book', { cover: String, image: String });
        const User = model(connection, 'User', { name: String });
        expect([pathsOf(Album), pathsOf(Book), pathsOf(User)]).to.deep.equal([
          ['image'],
          ['image', 'cover'],
          [],
        ]);
        expect(() => cleanupFor(User)).to.throw(TypeError, '"User"');
        await Album.create({ image: 'a.png' });
        await Album.deleteMany({});
        expect(await s.uploads.names()).to.deep.equal(['b.png']);
      });

      it('a schema of sub-documents that has one is tracked through its parent', async () => {
        const connection = apply(where, { fields: ['image'] });
        const child = new own.Schema({ image: String } as never, { _id: false });
        const Page = model(connection, 'Page', { blocks: [child] });
        expect(pathsOf(Page)).to.deep.equal(['blocks.image']);
        await Page.create({ blocks: [{ image: 'a.png' }] });
        await Page.deleteMany({});
        expect(await s.uploads.names()).to.deep.equal(['b.png']);
        expect(s.log.filter((line) => line.includes('sub-documents'))).to.deep.equal([]);
      });

      it('a field that no model has is told once, when the connection is open', async () => {
        const connection = apply(where, { fields: ['imgae', 'image'] });
        model(connection, 'User', { name: String });
        model(connection, 'Album', { image: String });
        await connection.asPromise();
        const told = s.log.filter((line) => line.includes('no model has the field'));
        expect(told).to.have.length(1);
        expect(told[0]).to.contain('"imgae"').and.to.contain('imageCleanup: true');
      });

      it('also where the connection is open before the first model', async () => {
        const connection = apply(where, { fields: ['imgae', 'image'] });
        await connection.asPromise();
        model(connection, 'User', { name: String });
        model(connection, 'Album', { image: String });
        await new Promise(setImmediate);
        expect(s.log.filter((line) => line.includes('no model has the field'))).to.have.length(1);
      });

      it('a path that cannot hold an image is left alone and told, with the name of the model', async () => {
        const connection = apply(where, { fields: ['image'] });
        const Scan = model(connection, 'Scan', { image: Number });
        const Album = model(connection, 'Album', { image: String });
        await Scan.init();
        expect([pathsOf(Scan), pathsOf(Album)]).to.deep.equal([[], ['image']]);
        const told = s.log.filter((line) => line.includes('"Scan"'));
        expect(told).to.have.length(1);
        expect(told[0]).to.contain('cannot hold an image').and.to.contain('imageCleanup: true');
        expect(() => cleanupFor(Scan)).to.throw(TypeError);
        await Album.create({ image: 'a.png' });
        await Album.deleteMany({});
        expect(await s.outcomes()).to.deep.equal(['removed a.png']);
        expect(await s.uploads.names()).to.deep.equal(['b.png']);
      });

      it('a schema of the same Mongoose that names a wrong field itself is refused', () => {
        const connection = apply(where, { fields: ['image'] });
        const schema = new own.Schema({ image: String } as never);
        connection.model('Album', schema as never);
        const act = () => schema.clone().plugin(imageCleanup as never, { fields: ['imgae'] } as never);
        expect(act).to.throw(TypeError, '"imgae"');
      });
    });
  }

  it('a connection that is never opened is waited for without a timer', async () => {
    own.plugin(imageCleanup as never, { ...s.options, fields: ['imgae'] } as never);
    const connection = own.createConnection();
    connection.model('User', new own.Schema({ name: String }));
    expect(s.log).to.deep.equal([]);
    const opened = once(connection, 'open');
    closeAfterSpec(connection as never);
    await connection.openUri(freshDatabase());
    await opened;
    expect(s.log.filter((line) => line.includes('"imgae"'))).to.have.length(1);
  });
});
