import { expect } from 'chai';
import mongoose, { Schema, type Connection, type SchemaOptions } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import type { AnyDocumentModel } from '../support/test-app.js';
import { closeAfterSpec, freshDatabase } from '../support/database.js';
import { comparable } from '../support/two-apps.js';
import { recordingProvider } from '../support/recording-provider.js';
import { hasHooks, itIf } from '../support/versions.js';

/** Every kind of write, called before there is a connection. */
const writes: Record<string, (Album: AnyDocumentModel) => unknown> = {
  save: (Album) => {
    const album = Album.hydrate({ _id: new mongoose.Types.ObjectId(), image: 'a' });
    return album.set('image', 'b').save();
  },
  create: (Album) => Album.create({ image: 'a' }),
  updateOne: (Album) => Album.updateOne({}, { image: 'b' }),
  updateMany: (Album) => Album.updateMany({}, { image: 'b' }),
  replaceOne: (Album) => Album.replaceOne({}, { image: 'b' }),
  findOneAndUpdate: (Album) => Album.findOneAndUpdate({}, { image: 'b' }),
  findOneAndDelete: (Album) => Album.findOneAndDelete({}),
  deleteOne: (Album) => Album.deleteOne({}),
  deleteMany: (Album) => Album.deleteMany({}),
  bulkWrite: (Album) => Album.bulkWrite([{ deleteMany: { filter: {} } }]),
};

describe('buffering', () => {
  function modelOf(
    connection: Connection,
    isPlugged: boolean,
    options: SchemaOptions = {},
  ): AnyDocumentModel {
    const schema = new Schema({ image: String }, { autoCreate: false, autoIndex: false, ...options });
    const quiet = { warn: () => undefined, error: () => undefined };
    if (isPlugged)
      schema.plugin(imageCleanup, { fields: ['image'], provider: recordingProvider(), logger: quiet });
    return connection.model('Album', schema) as unknown as AnyDocumentModel;
  }

  async function outcomeOf(act: () => unknown): Promise<string> {
    try {
      return `resolved ${comparable(await act())}`;
    } catch (error) {
      return `rejected ${comparable(error)}`;
    }
  }

  for (const [name, write] of Object.entries(writes)) {
    itIf(hasHooks(name))(`${name} before the connection opens is buffered, then done`, async () => {
      const both = [];
      for (const isPlugged of [false, true]) {
        const connection = mongoose.createConnection();
        closeAfterSpec(connection);
        const outcome = outcomeOf(() => write(modelOf(connection, isPlugged)));
        await connection.openUri(freshDatabase());
        both.push(await outcome);
      }
      expect(both[1]).to.equal(both[0]);
      if (name !== 'save') expect(both[1]).to.match(/^resolved/);
    });

    itIf(hasHooks(name))(
      `${name} with bufferCommands: false fails as it fails without the plugin`,
      async () => {
        const both = [];
        for (const isPlugged of [false, true]) {
          const connection = mongoose.createConnection();
          closeAfterSpec(connection);
          both.push(await outcomeOf(() => write(modelOf(connection, isPlugged, { bufferCommands: false }))));
        }
        expect(both[1]).to.equal(both[0]);
        expect(both[1]).to.match(/^rejected/);
      },
    );

    itIf(hasHooks(name))(`${name} past bufferTimeoutMS fails as it fails without the plugin`, async () => {
      const both = [];
      for (const isPlugged of [false, true]) {
        const connection = mongoose.createConnection();
        closeAfterSpec(connection);
        both.push(await outcomeOf(() => write(modelOf(connection, isPlugged, { bufferTimeoutMS: 5 }))));
      }
      expect(both[1]).to.equal(both[0]);
      expect(both[1]).to.contain('buffering timed out after 5ms');
    });
  }

  it('what was buffered is cleaned up when it is done', async () => {
    const connection = mongoose.createConnection();
    closeAfterSpec(connection);
    const store = recordingProvider('a', 'b');
    const schema = new Schema({ image: String });
    schema.plugin(imageCleanup, {
      fields: ['image'],
      provider: store,
      logger: { warn: () => 1, error: () => 1 },
    });
    const Album = connection.model('Album', schema);
    const made = Album.create({ image: 'a' });
    const write = made.then(() => Album.updateOne({}, { image: 'b' }));
    await connection.openUri(freshDatabase());
    await write;
    expect(store.gone()).to.deep.equal(['a']);
  });
});
