import { expect } from 'chai';
import { watchCommands } from '../support/database.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

const show = (...names: string[]): string => names.map((name) => `<img src="/uploads/${name}">`).join('');
const post = (...names: string[]) => ({
  body: show(...names),
  bodyImages: names.map((name) => `/uploads/${name}`),
});

describe('an array of references beside a text', () => {
  let s: TestApp;
  let Post: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png', 'c.png');
    Post = s.model(
      'Post',
      { body: String, bodyImages: { type: [String], index: true, default: undefined } },
      { fields: [{ path: 'body', in: 'html', index: 'bodyImages' }], mentionsUpTo: 0 },
    );
    await Post.init();
  });
  afterEach(closeTestApps);

  it('is asked in place of the texts, by forms', async () => {
    await Post.create([post('a.png', 'b.png'), post('b.png'), { ...post('c.png'), title: 'x' }]);
    await insertRaw(Post, { body: '<code>a.png</code>', bodyImages: [] });
    const commands = watchCommands(s.connection);
    await Post.deleteOne({ bodyImages: '/uploads/a.png' });
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/b.png (still used)', 'removed /uploads/a.png']);
    const searches = commands.of('find').filter(({ filter }) => JSON.stringify(filter).includes('"body"'));
    expect(searches.length).to.be.greaterThan(0);
    for (const { filter } of searches) {
      const { $or } = filter as { $or: object[] };
      for (const branch of $or) {
        if (JSON.stringify(branch).includes('"body"'))
          expect(branch).to.have.nested.property('$and[0].bodyImages', null);
      }
    }
    expect(s.log).to.deep.equal([]);
  });

  it('its values are candidates themselves', async () => {
    await Post.create({ body: 'no image', bodyImages: ['a.png', 'https://example.org/x.png'] });
    await Post.updateOne({}, { bodyImages: [] });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    expect(s.log).to.deep.equal([]);
  });

  it('a document from before there was one is searched', async () => {
    await Post.create(post('a.png'));
    await insertRaw(Post, { body: show('a.png') });
    await Post.deleteOne({ bodyImages: '/uploads/a.png' });
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/a.png (still used)']);
  });

  it('one that lacks what a text uses is told once, and the texts are searched', async () => {
    await insertRaw(Post, { body: show('a.png', 'b.png'), bodyImages: ['/uploads/b.png'] });
    await Post.create([post('a.png'), post('b.png')]);
    await Post.deleteOne({ bodyImages: '/uploads/a.png' });
    await Post.deleteOne({ bodyImages: '/uploads/b.png', body: show('b.png') });
    expect(await s.outcomes()).to.deep.equal([
      'kept /uploads/a.png (still used)',
      'kept /uploads/b.png (still used)',
    ]);
    expect(s.log).to.have.length(1);
    expect(s.log[0]).to.contain('the array "bodyImages" beside the text "body" lacks an image');
    expect(await s.uploads.names()).to.include('a.png');
  });

  it('other spellings, and addresses of others, are no difference', async () => {
    await insertRaw(Post, {
      body: `${show('a.png')}<img src="https://example.org/x.png">`,
      bodyImages: ['a.png'],
    });
    await Post.create(post('b.png'));
    await Post.deleteOne({ bodyImages: '/uploads/b.png' });
    expect(await s.outcomes()).to.deep.equal(['removed /uploads/b.png']);
    expect(s.log).to.deep.equal([]);
  });
});
