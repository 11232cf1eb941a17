import { expect } from 'chai';
import type { ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';
import { itWith, needsOf } from '../support/versions.js';

/** How a text of each kind shows images. */
const FORMATS = {
  html: (...names: string[]) => names.map((name) => `<p>word <img src="/uploads/${name}"></p>`).join(''),
  markdown: (...names: string[]) => names.map((name) => `word ![alt](/uploads/${name})\n\n`).join(''),
  json: (...names: string[]) => ({
    type: 'doc',
    content: names.map((name) => ({ type: 'image', attrs: { src: `/uploads/${name}`, alt: 'word' } })),
  }),
  'JSON as a text': (...names: string[]) => JSON.stringify(names.map((url) => ({ image: { url } }))),
};
type Name = keyof typeof FORMATS;

for (const [name, show] of Object.entries(FORMATS) as [Name, (...names: string[]) => unknown][]) {
  describe(`texts in ${name}`, () => {
    let s: TestApp;
    let Post: AnyDocumentModel;
    beforeEach(async () => {
      s = await testApp();
      await s.uploads.put('a.png', 'b.png', 'c.png', 'x.png');
      Post = postModel();
    });
    afterEach(closeTestApps);

    function postModel(options: ImageCleanupOptions = {}, model = 'Post'): AnyDocumentModel {
      const format = name === 'JSON as a text' ? 'json' : name;
      return s.model(
        model,
        {
          title: String,
          cover: { type: String, index: true },
          body: name === 'json' ? {} : String,
          n: Number,
        },
        { fields: ['cover', { path: 'body', in: format }], ...options },
      );
    }

    const gone = async (): Promise<string[]> => {
      const left = new Set(await s.uploads.names());
      return ['a.png', 'b.png', 'c.png', 'x.png'].filter((one) => !left.has(one));
    };

    describe('what leaves a text goes', () => {
      for (const [write, act] of [
        [
          'save',
          async (post) => {
            post.set('body', show('b.png'));
            await post.save();
          },
        ],
        ['updateOne', (post) => Post.updateOne({ _id: post._id }, { body: show('b.png') })],
        ['updateMany', () => Post.updateMany({}, { $set: { body: show('b.png') } })],
        ['findOneAndUpdate', (post) => Post.findOneAndUpdate({ _id: post._id }, { body: show('b.png') })],
        ['replaceOne', (post) => Post.replaceOne({ _id: post._id }, { body: show('b.png') })],
        [
          'bulkWrite',
          (post) =>
            Post.bulkWrite([{ updateOne: { filter: { _id: post._id }, update: { body: show('b.png') } } }]),
        ],
        [
          'a pipeline',
          (post) =>
            Post.updateOne({ _id: post._id }, [{ $set: { body: show('b.png') } }], {
              updatePipeline: true,
            } as never),
        ],
      ] as [string, (post: InstanceType<AnyDocumentModel>) => unknown][]) {
        itWith(...needsOf(write))(`by ${write}; what it still shows stays without a word`, async () => {
          const post = await Post.create({ body: show('a.png', 'b.png') });
          await act(post);
          expect((await s.outcomes()).map((one) => one.replace('/uploads/', ''))).to.deep.equal([
            'removed a.png',
          ]);
          expect(await gone()).to.deep.equal(['a.png']);
        });
      }

      for (const [write, act] of [
        ['doc.deleteOne', (post) => post.deleteOne()],
        ['deleteOne', () => Post.deleteOne({})],
        ['deleteMany', () => Post.deleteMany({})],
        ['findOneAndDelete', () => Post.findOneAndDelete({})],
        ['$unset', () => Post.updateMany({}, { $unset: { body: 1 } })],
      ] as [string, (post: InstanceType<AnyDocumentModel>) => unknown][]) {
        it(`all of it by ${write}`, async () => {
          const post = await Post.create({ body: show('a.png', 'b.png') });
          await act(post);
          await s.outcomes();
          expect(await gone()).to.deep.equal(['a.png', 'b.png']);
        });
      }
    });

    it('the same image in another text keeps it', async () => {
      const post = await Post.create({ body: show('a.png') });
      await Post.create({ body: show('x.png', 'a.png') });
      await post.deleteOne();
      expect((await s.outcomes())[0]).to.match(/^kept \S*a.png \(still used\)$/);
      expect(await gone()).to.deep.equal([]);
    });

    it('a text and a field that share a file: the last one removes it', async () => {
      const one = await Post.create({ cover: 'a.png', body: show('a.png') });
      const other = await Post.create({ cover: 'a.png' });
      await one.updateOne({ body: show() });
      await one.updateOne({ cover: null });
      expect(await gone()).to.deep.equal([]);
      await Post.updateOne({ _id: other._id }, { cover: 'b.png', body: show('a.png') });
      expect(await gone()).to.deep.equal([]);
      await Post.updateOne({ _id: other._id }, { body: show('c.png') });
      expect(await gone()).to.deep.equal(['a.png']);
    });

    it('an image that moves from text to text stays', async () => {
      const [one, other] = await Post.create([{ body: show('a.png') }, { body: show('b.png') }]);
      await Post.bulkWrite([
        { updateOne: { filter: { _id: one!._id }, update: { body: show() } } },
        { updateOne: { filter: { _id: other!._id }, update: { body: show('b.png', 'a.png') } } },
      ]);
      await s.outcomes();
      expect(await gone()).to.deep.equal([]);
    });

    itWith('transactions')('in a transaction: at the commit, and not after an abort', async () => {
      const post = await Post.create({ body: show('a.png', 'b.png') });
      await s.connection
        .transaction(async (session) => {
          await Post.updateOne({ _id: post._id }, { body: show() }, { session });
          throw new Error('abort');
        })
        .catch(() => undefined);
      await s.outcomes();
      expect(await gone()).to.deep.equal([]);
      await s.connection.transaction(async (session) => {
        await Post.updateOne({ _id: post._id }, { body: show('b.png') }, { session });
        expect(await gone()).to.deep.equal([]);
      });
      await s.outcomes();
      expect(await gone()).to.deep.equal(['a.png']);
    });

    describe('any mention keeps, however large the collection is', () => {
      for (const [where, text] of [
        ['as code', '<pre>/uploads/a.png</pre> `/uploads/a.png`'],
        ['in a comment', '<!-- <img src="/uploads/a.png"> -->'],
        ['in another attribute', '<p title="a.png">'],
        ['as escaped HTML', '&lt;img src=&quot;/uploads/a&#46;png&quot;&gt;'],
        ['with percents', 'see %61.png'],
        ['in an escape of JavaScript', 'x = "\\u0061.png"'],
        ['in another case', '<IMG SRC="/UPLOADS/A.PNG">'],
        ['with another host', 'https://cdn.example.org/x/a.png?w=100'],
        ['without its ending', 'the picture named "a.png" of yesterday'],
      ] as const) {
        it(where, async () => {
          Post = postModel({ mentionsUpTo: 0 }, 'Page');
          const post = await Post.create({ body: show('a.png') });
          await insertRaw(Post, {
            body:
              name === 'json'
                ? { text }
                : name === 'html' || name === 'markdown'
                  ? text
                  : JSON.stringify({ text }),
          });
          await post.deleteOne();
          expect((await s.outcomes())[0]).to.match(/^kept \S*a.png \((mentioned|still used)\)$/);
          expect(await gone()).to.deep.equal([]);
        });
      }

      it('a name that is a part of another one is no mention', async () => {
        Post = postModel({ mentionsUpTo: 0 }, 'Page');
        const post = await Post.create({ body: show('a.png') });
        await Post.create({ body: show('aa.png', 'a.png.webp', 'ba.png') });
        await post.deleteOne();
        await s.outcomes();
        expect(await gone()).to.deep.equal(['a.png']);
      });

      it('a text beside a field of images: the file of the field is looked for in it', async () => {
        const Album = s.model('Album', { image: String }, { mentionsUpTo: 0 });
        postModel({ mentionsUpTo: 0 }, 'Page');
        const album = await Album.create({ image: 'a.png' });
        await s.connection.model('Page').create({ body: show('a.png') });
        await album.deleteOne();
        expect(await s.outcomes()).to.deep.equal(['kept a.png (still used)']);
      });
    });

    it('what is no file of ours is no event and no line in the log', async () => {
      await Post.init();
      const post = await Post.create({
        body: show('a.png', '../../secret.png', 'nowhere.png', 'https://example.org/a/b.png'),
      });
      await insertRaw(Post, {
        body: show(
          'https://example.org/x.png',
          '#top',
          'mailto:me@example.org',
          'data:image/png;base64,AAAA',
          '//cdn.example.org/y.png',
        ),
      });
      await Post.deleteMany({ _id: { $ne: post._id } });
      await post.deleteOne();
      expect((await s.outcomes()).map((one) => one.replace('/uploads/', ''))).to.deep.equal([
        'removed a.png',
      ]);
      expect(s.log).to.deep.equal([]);
    });

    it('a question that is too slow keeps', async () => {
      Post = postModel({ timeoutMs: 1, references: ['model', () => new Promise(() => undefined)] }, 'Page');
      const post = await Post.create({ body: show('a.png') });
      await post.deleteOne();
      const [outcome] = await s.outcomes();
      expect(outcome).to.match(/a.png \((unanswered|no snapshot)\)$|^kept undefined \(no snapshot\)$/);
      expect(await gone()).to.deep.equal([]);
    });
  });
}
