import { expect } from 'chai';
import mongoose, { Schema, type mongo } from 'mongoose';
import { cleanupFor, imageCleanup, type JournalledFile, type JournalListQuery } from '../../lib/index.js';
import { textOfId } from '../../lib/journal/document-id.js';
import type { Intent } from '../../lib/journal/intent.js';
import { intentsOf } from '../support/journal.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

describeWith('updates by pipelines')('what an app can ask of the journal', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: { type: String, index: true } }, { journal: true, gracePeriod: '7d' });
  });
  afterEach(closeTestApps);

  const journal = () => cleanupFor(s.connection).journal;
  async function files(query: JournalListQuery = {}): Promise<JournalledFile[]> {
    const found: JournalledFile[] = [];
    for await (const file of journal().files(query)) found.push(file);
    return found;
  }
  const values = async (query: JournalListQuery) => (await files(query)).map(({ value }) => value);

  /** Intents as processes leave them. */
  async function note(
    ...intents: (Partial<Intent> & { names: readonly string[]; ids?: readonly unknown[] })[]
  ) {
    const now = Date.now();
    await s.connection.collection('imagecleanupintents').insertMany(
      intents.map(({ names, ids = [], ...about }) => ({
        model: 'Album',
        operation: 'deleteMany',
        isDelete: true,
        graceMs: 0,
        tries: 0,
        writtenAt: new Date(now - 60_000),
        ...about,
        values: names.map((name) => ({
          value: name,
          field: 'image',
          documentIds: ids,
          files: [{ provider: 'local', kind: 'local', key: s.uploads.path(name) }],
        })),
      })) as mongo.Document[],
    );
  }
  const later = (ms: number) => new Date(Date.now() + ms);

  it('tells of each file what it waits for', async () => {
    await note(
      { names: ['waiting'], dueAt: later(3_600_000) },
      { names: ['due'], dueAt: later(-1000), tries: 2 },
      { names: ['claimed'], dueAt: later(50_000), claim: 'a worker' },
      { names: ['lost'], dueAt: later(-1), claim: 'a worker that was killed' },
      { names: ['failed'], failedAt: later(-1) },
      { names: ['settled'], settledAt: later(-1), expiresAt: later(9_000_000) },
    );
    expect((await files()).map(({ value, state }) => [value, state])).to.deep.equal([
      ['waiting', 'waiting'],
      ['due', 'due'],
      ['claimed', 'claimed'],
      ['lost', 'due'],
      ['failed', 'failed'],
      ['settled', 'settled'],
    ]);
    expect(await values({ state: 'open' })).to.deep.equal(['waiting', 'due', 'claimed', 'lost']);
    expect(await values({ state: 'failed' })).to.deep.equal(['failed']);
    expect(await values({ state: 'settled' })).to.deep.equal(['settled']);
    expect(await journal().counts()).to.deep.equal({ open: 4, failed: 1, settled: 1 });
    const [, due] = await files();
    expect(due).to.include({
      database: s.connection.name,
      model: 'Album',
      field: 'image',
      tries: 2,
      machine: null,
    });
    expect(due).to.deep.include({ providers: ['local'], documentIds: [], outcome: null, error: null });
  });

  it('counts and limits files, not intents', async () => {
    await note(
      { names: ['1', '2', '3'], dueAt: later(1000) },
      { names: ['4', '5'], dueAt: later(1000) },
      { names: ['6'], failedAt: later(-1) },
    );
    expect(await journal().counts()).to.deep.equal({ open: 5, failed: 1, settled: 0 });
    expect(await values({ limit: 4 })).to.deep.equal(['1', '2', '3', '4']);
    expect(await values({ limit: 5 })).to.have.length(5);
    const [first] = await intentsOf(s.connection);
    expect(await values({ intentId: String(first!._id) })).to.deep.equal(['1', '2', '3']);
    expect(await journal().counts({ intentId: String(first!._id) })).to.include({ open: 3, failed: 0 });
  });

  const UUID = '0b2f3f5e-8d0c-4c7e-9d7b-5b8a8d0c4c7e';
  for (const [name, { id, written }] of Object.entries<{ id: () => unknown; written: readonly unknown[] }>({
    'an ObjectId': {
      id: () => new mongoose.Types.ObjectId('65f0000000000000000000ab'),
      written: ['65f0000000000000000000ab', '65F0000000000000000000AB'],
    },
    'an ObjectId that is stored as text': {
      id: () => '65f0000000000000000000ab',
      written: ['65f0000000000000000000ab'],
    },
    'a UUID': {
      id: () => new mongoose.mongo.Binary(Buffer.from(UUID.replaceAll('-', ''), 'hex'), 4),
      written: [UUID, UUID.toUpperCase(), UUID.replaceAll('-', '')],
    },
    'a UUID that is stored as text': { id: () => UUID, written: [UUID] },
    'a number': { id: () => 42, written: ['42', 42] },
    'a large number': {
      id: () => mongoose.mongo.Long.fromString('9007199254740993'),
      written: ['9007199254740993'],
    },
    'a broken number': { id: () => -1.5, written: ['-1.5', -1.5] },
    'a text': { id: () => 'me@example.com', written: ['me@example.com'] },
    'a text of digits': { id: () => '007', written: ['007'] },
    'an empty text': { id: () => '', written: [''] },
  })) {
    it(`finds the files of a document by ${name}, as it is and as it is written`, async () => {
      await note(
        { names: ['mine'], ids: [new mongoose.Types.ObjectId(), id()], dueAt: later(1000) },
        { names: ['other'], ids: [new mongoose.Types.ObjectId(), 'x', 7, '7.0'], dueAt: later(1000) },
      );
      for (const one of [id(), ...written]) {
        expect(await values({ documentId: one }), String(one)).to.deep.equal(['mine']);
        expect(await journal().counts({ documentId: one })).to.deep.equal({ open: 1, failed: 0, settled: 0 });
      }
      const [file] = await files({ documentId: id() });
      expect(written.map(String)).to.include(textOfId(file!.documentIds[1]));
    });
  }

  it('of an intent with the files of many documents it tells those of the one', async () => {
    await note({ names: ['a', 'b'], ids: [1], dueAt: later(1) });
    await s.connection
      .collection('imagecleanupintents')
      .updateOne({}, { $set: { 'values.1.documentIds': [2] } });
    expect(await values({ documentId: '2' })).to.deep.equal(['b']);
    expect(await journal().counts({ documentId: '2' })).to.include({ open: 1 });
    expect(await values({ documentId: '007' })).to.deep.equal([]);
  });

  it('retries what failed: all, those of a document, or one intent; and nothing else', async () => {
    await s.uploads.put('a.png', 'b.png', 'c.png');
    await note(
      { names: ['a.png'], ids: [1], failedAt: later(-1), tries: 10 },
      { names: ['b.png'], ids: [2], failedAt: later(-1), tries: 10 },
      { names: ['c.png'], ids: [3], failedAt: later(-1), tries: 10 },
      { names: ['waiting'], ids: [1], dueAt: later(3_600_000), tries: 1 },
      { names: ['settled'], ids: [1], settledAt: later(-1) },
    );
    const before = await intentsOf(s.connection);
    expect(await journal().retry({ documentId: '1' })).to.equal(1);
    expect(
      (await files({ state: 'open' })).map(({ value, state, tries }) => [value, state, tries]),
    ).to.deep.equal([
      ['a.png', 'due', 0],
      ['waiting', 'waiting', 1],
    ]);
    expect(await cleanupFor(s.connection).runDue()).to.deep.equal({ delivered: 1, left: 0 });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    expect(await journal().retry({ intentId: String(before[1]!._id) })).to.equal(1);
    expect(await journal().retry()).to.equal(1);
    expect(await journal().retry()).to.equal(0);
    await cleanupFor(s.connection).runDue();
    expect(await s.outcomes()).to.deep.equal(['removed b.png', 'removed c.png']);
    expect((await files()).map(({ value }) => value)).to.deep.equal(['waiting', 'settled']);
  });

  it('shows no secret of an error', async () => {
    await note({ names: ['a'], failedAt: later(-1) });
    const error = 'PUT https://me:TOPSECRET@s3.example/a?X-Amz-Signature=TOPSECRET&x=1 failed';
    await s.connection.collection('imagecleanupintents').updateOne({}, { $set: { 'values.0.error': error } });
    const [file] = await files();
    expect(file!.error).to.equal(
      'PUT https://me:***@s3.example/a?X-Amz-Signature=***&x=1 failed'.replace('me:', ''),
    );
  });

  it('lists intents of models that the app no longer has, and every journal of Mongoose', async () => {
    await note({ names: ['gone'], model: 'Former', dueAt: later(1000) });
    const other = new Schema({ image: String });
    other.plugin(imageCleanup, { fields: ['image'], ...s.options, journal: { collection: 'otherintents' } });
    s.connection.model('Other', other);
    await s.connection.collection('otherintents').insertOne({
      model: 'Other',
      operation: 'save',
      tries: 0,
      writtenAt: new Date(),
      dueAt: later(1000),
      values: [{ value: 'other', field: 'image', documentIds: [], files: [] }],
    });
    expect(await values({})).to.deep.equal(['gone', 'other']);
    expect(await values({ limit: 1 })).to.deep.equal(['gone']);
    expect(await journal().counts()).to.include({ open: 2 });
  });

  it('finds what a write has noted, by its document', async () => {
    await s.uploads.put('a.png');
    const { _id: id } = (await Album.create({ image: 'a.png' })) as { _id: unknown };
    await Album.deleteOne({ _id: id });
    const [file, ...others] = await files({ documentId: String(id) });
    expect(others).to.deep.equal([]);
    expect(file).to.include({ state: 'waiting', value: 'a.png', operation: 'deleteOne' });
    expect(file!.dueAt!.getTime() - file!.notedAt!.getTime()).to.equal(7 * 86_400_000);
  });

  it('an intent that somebody has changed is listed and counted, and hides no other', async () => {
    const intents = s.connection.collection<{ _id: number | mongo.ObjectId }>('imagecleanupintents');
    const failed = { failedAt: later(-1), error: 'nobody can read it' };
    for (const [n, changed] of [
      {},
      { values: 'a.png', model: 7, operation: null, machine: {}, tries: 'x', writtenAt: 'today' },
      { values: [null] },
      { values: [{ value: 'b.png', field: 1, documentIds: 'x', files: 'x', error: 3 }] },
      { values: [{ value: 'c.png', field: 'image', documentIds: [1], files: [null, { provider: 1 }] }] },
    ].entries())
      await intents.insertOne({ _id: n, ...failed, ...changed } as never);
    await note({ names: ['d.png'], ids: [1], dueAt: later(1000) });
    expect(
      (await files()).map(({ intentId, state, value, error }) => [intentId, state, value, error]),
    ).to.deep.equal([
      ['0', 'failed', undefined, 'nobody can read it'],
      ['1', 'failed', undefined, 'nobody can read it'],
      ['2', 'failed', undefined, 'nobody can read it'],
      ['3', 'failed', 'b.png', 'nobody can read it'],
      ['4', 'failed', 'c.png', 'nobody can read it'],
      [
        (await intentsOf(s.connection)).map(({ _id }) => String(_id)).find((id) => id.length === 24),
        'waiting',
        'd.png',
        null,
      ],
    ]);
    expect(await journal().counts()).to.deep.equal({ open: 1, failed: 5, settled: 0 });
    expect(await values({ documentId: '1' })).to.deep.equal(['c.png', 'd.png']);
    expect(await journal().counts({ documentId: '1' })).to.deep.equal({ open: 1, failed: 1, settled: 0 });
  });

  it('bad input is a TypeError', async () => {
    const refusals: [() => unknown, RegExp][] = [
      [
        () => journal().files({ state: 'late' } as never),
        /"state" is 'late'; allowed: 'open', 'failed', 'settled'/,
      ],
      [() => journal().files({ limit: 0 }), /"limit" is 0; allowed: a whole number of at least 1/],
      [() => journal().files({ intentId: 'x' }), /"intentId" is 'x'; allowed: 24 hexadecimal digits/],
      [() => journal().retry({ document: 1 } as never), /unknown option "document"; .* write "documentId"/],
      [() => journal().counts({ limit: 1 } as never), /unknown option "limit"/],
    ];
    for (const [act, message] of refusals) {
      const refused = await Promise.resolve()
        .then(act)
        .then(
          () => undefined,
          (error: unknown) => error,
        );
      expect(refused).to.be.instanceOf(TypeError).with.property('message').that.matches(message);
    }
    const plain = await testApp();
    plain.model('Plain', { image: String });
    expect(() => cleanupFor(plain.connection).journal.files()).to.throw(
      TypeError,
      /no registered model has the plugin option "journal"/,
    );
  });
});
