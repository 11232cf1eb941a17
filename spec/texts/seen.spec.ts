import { expect } from 'chai';
import { cleanupFor, doctor, sweep, type StorageProvider } from '../../lib/index.js';
import { connect } from '../support/database.js';
import { holdWrite, releaseHeldWrites } from '../support/held-writes.js';
import { recordingProvider } from '../support/recording-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';
import { itWith } from '../support/versions.js';

const show = (...names: string[]): string => names.map((name) => `<img src="/uploads/${name}">`).join('');

describe('tracked texts are seen', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png', 'd.png');
  });
  afterEach(releaseHeldWrites);
  afterEach(closeTestApps);

  const postModel = (options = {}): AnyDocumentModel =>
    s.model(
      'Post',
      { cover: String, body: String },
      { fields: ['cover', { path: 'body', in: 'html' }], ...options },
    );

  it('by a sweep: what a text shows is used, what it mentions is not removed, links that lead nowhere are not missing', async () => {
    const Post = postModel();
    await insertRaw(
      Post,
      { body: `${show('a.png')}<a href="contact">x</a><a href="/uploads/no.png">` },
      { body: '<code>b.png</code>' },
    );
    const report = await sweep({ models: [Post], remove: true, olderThan: 0, missing: true, maxShare: 1 });
    expect(report.counts.used).to.equal(1);
    expect(report.files.map(({ name, outcome }) => `${outcome} ${name}`).sort()).to.deep.equal([
      'removed c.png',
      'removed d.png',
    ]);
    expect(report.unclear.map(({ name, field }) => [name, field])).to.deep.equal([['b.png', 'body']]);
    expect(report.missing).to.deep.equal([]);
  });

  itWith('updates by pipelines')(
    'by the journal: an intent names the text field, and a worker delivers it',
    async () => {
      const Post = postModel({ journal: true, gracePeriod: '1d' });
      await Post.create([{ body: `${show('a.png', 'b.png')}<a href="contact">` }, { body: show('b.png') }]);
      await Post.deleteOne({ body: /a.png/ });
      await cleanupFor(s.connection).idle();
      const intents = await s.connection.collection('imagecleanupintents').find().toArray();
      const values = intents.flatMap((one) => one['values'] as { field: string; value: unknown }[]);
      expect(values.map(({ field, value }) => [field, value])).to.deep.include(['body', '/uploads/a.png']);
      await s.connection.collection('imagecleanupintents').updateMany({}, { $set: { dueAt: new Date(0) } });
      await cleanupFor(s.connection).runDue();
      expect(await s.outcomes()).to.deep.equal([
        'kept /uploads/b.png (still used)',
        'removed /uploads/a.png',
      ]);
      expect(await s.uploads.names()).to.deep.equal(['b.png', 'c.png', 'd.png']);
      expect(await s.connection.collection('imagecleanupintents').countDocuments()).to.equal(0);
    },
  );

  it('by `references`, from another connection', async () => {
    const connection = await connect();
    const Post = postModel();
    const other = s.model('Album', { image: String }, { references: [Post], mentionsUpTo: 0 });
    await Post.create({ body: show('a.png') });
    await other.create([{ image: 'a.png' }, { image: 'b.png' }]);
    await other.deleteMany({});
    expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)', 'removed b.png']);
    await connection.close();
  });

  it('by two overlapping writes: what the one stored and the other displaced goes', async () => {
    const Post = postModel();
    const post = await Post.create({ body: show('a.png') });
    await Promise.all(
      ['b.png', 'c.png'].map((name) => Post.updateOne({ _id: post._id }, { body: show(name) })),
    );
    await s.outcomes();
    const { body } = (await Post.findOne().lean()) as unknown as { body: string };
    const names = await s.uploads.names();
    expect(names).to.deep.equal([body.includes('b.png') ? 'b.png' : 'c.png', 'd.png']);
  });

  it('by a literal default of the schema', async () => {
    const Post = s.model(
      'Post',
      { body: { type: String, default: show('a.png') } },
      { fields: [{ path: 'body', in: 'html' }] },
    );
    await Post.create({});
    await Post.deleteMany({});
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/a.png (protected)']);
  });

  it('by a function, also where the text does not name the file', async () => {
    const images = (value: unknown): string[] =>
      [...String(value).matchAll(/\[image (\w)\]/g)].map(([, letter]) => `/uploads/${letter!}.png`);
    const Post = s.model(
      'Post',
      { body: String },
      { fields: [{ path: 'body', in: images }], mentionsUpTo: 0 },
    );
    await Post.create([{ body: '[image a] [image b]' }, { body: 'see [image b]' }]);
    await Post.deleteOne({ body: '[image a] [image b]' });
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/b.png (still used)', 'removed /uploads/a.png']);
    await Post.updateOne({}, { body: '[image d]' });
    expect(await s.outcomes()).to.deep.equal(['removed /uploads/b.png']);
  });

  it('by a function that fails: what nobody can read may use anything, so nothing goes, and a sweep refuses', async () => {
    const images = (value: unknown): string[] => {
      if (String(value).includes('broken')) throw new Error('no such block');
      return [`/uploads/${String(value)}.png`];
    };
    const Post = s.model(
      'Post',
      { body: String },
      { fields: [{ path: 'body', in: images }], mentionsUpTo: 0 },
    );
    await Post.create([{ body: 'a' }, { body: 'b' }, { body: 'broken' }]);
    await Post.deleteOne({ body: 'a' });
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/a.png (unanswered)']);
    const report = await sweep({ models: [Post], remove: true, olderThan: 0, maxShare: 1 });
    expect(report.status).to.equal('refused');
    expect(await s.uploads.names()).to.have.length(4);
    await Post.deleteOne({ body: 'broken' });
    await Post.deleteOne({ body: 'b' });
    expect(await s.outcomes()).to.deep.equal(['removed /uploads/b.png']);
  });

  it('by an address that has nothing of the name of its file', async () => {
    const removed: string[] = [];
    const provider: StorageProvider = {
      name: 'pictures',
      identify(value) {
        const [, id] = /^\/picture\/(\d+)$/.exec(String(value)) ?? [];
        return id === undefined ? null : { provider: 'pictures', key: `file-${'x'.repeat(Number(id))}.png` };
      },
      forms: ({ key }) => ({ equal: [`/picture/${String(key.length - 9)}`] }),
      remove: (assets) => {
        removed.push(...assets.map(({ key }) => key));
        return Promise.resolve(assets.map(() => ({ outcome: 'removed' as const })));
      },
    };
    const Post = postModel({ provider, mentionsUpTo: 0 });
    await Post.create([
      { body: '<img src="/picture/7"><img src="/picture/8">' },
      { body: '<img src="/picture/8">' },
    ]);
    await Post.deleteOne({ body: /7/ });
    expect(await s.outcomes()).to.deep.equal(['kept /picture/8 (still used)', 'removed /picture/7']);
    expect(removed).to.deep.equal(['file-xxxxxxx.png']);
  });

  it('with what a provider says is missing, which is no event: it was a link to a page', async () => {
    const provider = { ...recordingProvider(), identify: () => ({ provider: 'recording', key: 'page' }) };
    const remove = (): Promise<{ outcome: 'missing' }[]> => Promise.resolve([{ outcome: 'missing' }]);
    const Post = postModel({ provider: { ...provider, remove } });
    await Post.create({ body: '<a href="page">' });
    await Post.deleteOne({});
    expect(await s.outcomes()).to.deep.equal([]);
  });

  it('with links and words, of which the storage is asked to remove none', async () => {
    const inner = s.options.provider as StorageProvider;
    const asked: string[] = [];
    const provider: StorageProvider = {
      ...inner,
      remove: (assets, options) => {
        asked.push(...assets.map(({ key }) => key.slice(key.lastIndexOf('/') + 1)));
        return inner.remove(assets, options);
      },
    };
    const Post = postModel({ provider });
    await Post.create({ body: `${show('a.png', 'gone.png')}<a href="contact">` });
    await Post.deleteOne({});
    expect(await s.outcomes()).to.deep.equal(['removed /uploads/a.png']);
    expect(asked).to.deep.equal(['a.png']);
  });

  it('by the doctor: links and addresses of others are no findings', async () => {
    const Post = postModel();
    const links = ['contact', 'about', 'https://example.org/x.png', 'prices', '/terms'];
    await insertRaw(Post, { body: show('a.png') + links.map((to) => `<a href="${to}">`).join('') });
    await insertRaw(Post, { body: links.map((to) => `<a href="${to}">`).join('') });
    const report = await doctor({ models: [Post] });
    expect(report.findings.filter(({ about }) => about === 'Post.body')).to.deep.equal([]);
    const missing = report.findings.filter(({ kind }) => kind === 'missing-index');
    expect(missing.map(({ examples }) => examples)).to.deep.equal([['cover']]);
  });

  it('by a write that is held: a file that its text is about to show stays', async () => {
    const Post = postModel();
    const [one, other] = await Post.create([{ cover: 'a.png' }, { body: 'x' }]);
    const held = holdWrite('updateOne', 'img src', 'before');
    const later = Post.updateOne({ _id: other!._id }, { body: show('a.png') }).exec();
    await held.isReached;
    await Post.updateOne({ _id: one!._id }, { cover: null });
    expect(await s.uploads.names()).to.include('a.png');
    held.release();
    await later;
    await s.outcomes();
    expect(await s.uploads.names()).to.include('a.png');
  });

  it('many files at once in a large collection: one search for each hundred names, texts without them are not sent', async () => {
    const Post = postModel({ mentionsUpTo: 0 });
    const names = Array.from({ length: 300 }, (_, n) => `many-${String(n)}.png`);
    await s.uploads.put(...names);
    await insertRaw(
      Post,
      { body: show(...names) },
      ...Array.from({ length: 50 }, () => ({ body: show('d.png') })),
    );
    await insertRaw(Post, { body: 'see many-7.png' });
    await Post.deleteOne({});
    const outcomes = await s.outcomes();
    expect(outcomes.filter((one) => one.startsWith('kept'))).to.deep.equal([
      'kept /uploads/many-7.png (mentioned)',
    ]);
    expect(outcomes).to.have.length(300);
  });
});
