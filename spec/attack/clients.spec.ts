import { expect } from 'chai';
import { Schema } from 'mongoose';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanupFor, localProvider } from '../../lib/index.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith, itWith } from '../support/versions.js';

/** SECURITY.md says what a client can do who may store any string in a tracked field of his own document. */
describe('a client who names the file of somebody else', () => {
  let s: TestApp;
  let Profile: AnyDocumentModel;
  let Order: AnyDocumentModel;
  const definition = { user: String, avatar: Schema.Types.Mixed };
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('theirs.png');
  });
  afterEach(closeTestApps);

  const plain = (): void => {
    Profile = s.model('Profile', definition, { fields: ['avatar'] });
    Order = s.model('Order', { scan: String }, { fields: ['scan'] });
  };
  const journalled = (): void => {
    Profile = s.model('Profile', definition, { fields: ['avatar'], journal: true, gracePeriod: '7d' });
  };
  const namesAndDrops = async (avatar: unknown): Promise<void> => {
    await Profile.create({ user: 'mallory', avatar });
    await Profile.updateOne({ user: 'mallory' }, { $unset: { avatar: 1 } });
    await Profile.deleteOne({ user: 'mallory' });
  };

  for (const spelling of [
    'theirs.png',
    '/uploads/theirs.png',
    '/uploads/../uploads/theirs.png',
    '/UPLOADS/THEIRS.PNG',
  ]) {
    it(`cannot remove it while a document uses it: ${spelling}`, async () => {
      plain();
      await Order.create({ scan: '/uploads/theirs.png' });
      await namesAndDrops(spelling);
      await Profile.create({ user: 'mallory', avatar: spelling });
      await Profile.deleteMany({ user: 'mallory' });
      expect(await s.uploads.names()).to.deep.equal(['theirs.png']);
    });
  }

  for (const [title, value] of Object.entries({
    'an operator': { $ne: null },
    'a pattern': { $regex: '.*' },
    'a JavaScript condition': { $where: 'true' },
    'a pattern as text': '.*',
  })) {
    it(`cannot reach other files by ${title}`, async () => {
      plain();
      await Order.create({ scan: '/uploads/theirs.png' });
      // as a client's body would be stored past Mongoose's own sanitizing
      await Profile.collection.insertOne({ user: 'mallory', avatar: value } as never);
      await Profile.deleteMany({ user: 'mallory' });
      expect(await s.uploads.names()).to.deep.equal(['theirs.png']);
      await Profile.collection.insertOne({ user: 'mallory', avatar: value } as never);
      await Order.deleteMany({});
      expect(await s.uploads.names(), 'such a value uses no file either').to.deep.equal([]);
    });
  }

  it('can remove one that no document uses yet: an upload whose document is not saved', async () => {
    plain();
    await namesAndDrops('theirs.png');
    expect(await s.uploads.names()).to.deep.equal([]);
  });

  itWith('updates by pipelines')(
    'cannot remove such an upload at once where dropped files stay for a grace period',
    async () => {
      journalled();
      await cleanupFor(Profile).removeUnused(['theirs.png'], { after: '1h' });
      await namesAndDrops('theirs.png');
      await letTimePass(s.connection, 2 * 3_600_000);
      await Profile.create({ user: 'alice', avatar: 'theirs.png' });
      await letTimePass(s.connection, 8 * 86_400_000);
      await cleanupFor(s.connection).runDue();
      expect(await s.uploads.names()).to.deep.equal(['theirs.png']);
    },
  );

  it('keeps it on the disk by naming it, and an event says so', async () => {
    plain();
    await Order.create({ scan: '/uploads/theirs.png' });
    await Profile.create({ user: 'mallory', avatar: 'theirs.png' });
    await Order.deleteMany({});
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/theirs.png (still used)']);
  });
});

describe('addresses in values', () => {
  afterEach(closeTestApps);

  it('are never fetched, in fields and in texts, whether the host is listed or not', async () => {
    let connections = 0;
    const server = createServer((_, response) => response.end()).on('connection', () => connections++);
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const s = await testApp();
    const Post = s.model(
      'Post',
      { image: String, body: String },
      {
        fields: ['image', { path: 'body', in: 'html' }],
        provider: localProvider({ root: s.uploads.root, hosts: [host] }),
      },
    );
    const urls = [
      `http://${host}/uploads/a.png`,
      `//${host}/uploads/b.png`,
      `http://${host}/elsewhere/c.png`,
    ];
    for (const url of urls)
      await Post.create({ image: url, body: `<img src="${url}"><iframe src="${url}">` });
    await s.uploads.put('a.png', 'b.png');
    await Post.deleteMany({});
    expect(await s.uploads.names()).to.deep.equal([]);
    expect(connections).to.equal(0);
    server.close();
  });
});

describeWith('updates by pipelines')('somebody who can write to the journal', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String }, { journal: true });
    await s.uploads.put('used.png', 'unused.png');
    await Album.create({ image: '/uploads/used.png' });
  });
  afterEach(closeTestApps);

  const forge = (name: string) =>
    s.connection.collection('imagecleanupintents').insertOne({
      model: 'Album',
      operation: 'updateOne',
      isDelete: false,
      graceMs: 0,
      tries: 0,
      writtenAt: new Date(0),
      dueAt: new Date(0),
      values: [
        {
          value: name,
          field: 'image',
          documentIds: [],
          files: [{ provider: 'local', kind: 'local', key: s.uploads.path(name) }],
        },
      ],
    });

  it('cannot remove a file that a document uses', async () => {
    await forge('used.png');
    await cleanupFor(s.connection).runDue();
    expect(await s.uploads.names()).to.deep.equal(['unused.png', 'used.png']);
    expect(await intentsOf(s.connection)).to.deep.equal([]);
  });

  it('can remove one that no document uses', async () => {
    await forge('unused.png');
    await cleanupFor(s.connection).runDue();
    expect(await s.uploads.names()).to.deep.equal(['used.png']);
  });
});
