import { expect } from 'chai';
import fse from 'fs-extra';
import { cleanupFor, localProvider, type CleanupEvent, type LocalProviderOptions } from '../../lib/index.js';
import { memoryProvider } from '../../lib/testing/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

const thumbs = (name: string): string[] => [`thumbs/${name}`, name.replace(/\.\w+$/, '-400.webp')];

/** Outcome, derived file, its original and the reason: of derived files only. */
function told(events: readonly CleanupEvent[], root: string): string[] {
  const short = (key = ''): string => key.replace(`${root}/`, '');
  return events
    .filter(({ derivedFrom }) => derivedFrom)
    .map(({ outcome, asset, derivedFrom, reason }) =>
      [outcome, short(asset?.key), 'of', short(derivedFrom!.key), ...(reason ? [`(${reason})`] : [])].join(
        ' ',
      ),
    )
    .sort();
}

describe('derived files', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  function album(derived: LocalProviderOptions['derived'] = thumbs, options: object = {}): void {
    Album = s.model(
      'Album',
      { image: { type: String, index: true }, thumb: { type: String, index: true } },
      {
        fields: ['image', 'thumb'],
        provider: localProvider({ root: s.uploads.root, derived: derived! }),
        ...options,
      },
    );
  }
  const idle = (): Promise<void> => cleanupFor(Album).idle();

  it('go with their original, each with an event of its own that names it', async () => {
    album();
    await s.uploads.put('a.png', 'thumbs/a.png', 'a-400.webp', 'b.png', 'thumbs/b.png');
    const { _id } = await Album.create({ image: 'a.png' });
    await Album.deleteOne({ _id });
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['b.png', 'thumbs/b.png']);
    expect(told(s.events, s.uploads.root)).to.deep.equal([
      'removed a-400.webp of a.png',
      'removed thumbs/a.png of a.png',
    ]);
    const [event] = s.events.filter(({ derivedFrom }) => derivedFrom);
    expect(event).to.include({ value: 'a.png', field: 'image', model: 'Album', operation: 'deleteOne' });
    expect(String(event!.documentId)).to.equal(String(_id));
    expect(s.events).to.have.length(3);
  });

  it('are exact names: a file whose name begins alike stays (croppa#32)', async () => {
    album((name) => [name.replace(/\.\w+$/, '-100x100.jpg')]);
    await s.uploads.put(
      'me.jpg',
      'me-100x100.jpg',
      'me-and-you.jpg',
      'me-and-you-100x100.jpg',
      'me-200x200.jpg',
    );
    await Album.create([{ image: 'me.jpg' }, { image: 'me-and-you.jpg' }]);
    await Album.deleteOne({ image: 'me.jpg' });
    await idle();
    expect(await s.uploads.names()).to.deep.equal([
      'me-200x200.jpg',
      'me-and-you-100x100.jpg',
      'me-and-you.jpg',
    ]);
  });

  it('leave when a picture is replaced, and when an upload is handed to removeUnused (zipline#957, dreamwidth#1931)', async () => {
    album();
    await s.uploads.put('a.png', 'thumbs/a.png', 'b.png', 'thumbs/b.png', 'c.png', 'thumbs/c.png');
    const one = await Album.create({ image: 'a.png' });
    await one.set({ image: 'b.png' }).save();
    await cleanupFor(Album).removeUnused(['c.png']);
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['b.png', 'thumbs/b.png']);
  });

  it('stay where a document stores one itself, which is told', async () => {
    album();
    await s.uploads.put('a.png', 'thumbs/a.png', 'a-400.webp');
    await Album.create([{ image: 'a.png' }, { thumb: '/uploads/thumbs/a.png' }]);
    await Album.deleteOne({ image: 'a.png' });
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['thumbs/a.png']);
    expect(told(s.events, s.uploads.root)).to.deep.equal([
      'kept thumbs/a.png of a.png (still used)',
      'removed a-400.webp of a.png',
    ]);
  });

  it('stay where the document that gave up the original stores one itself', async () => {
    album();
    await s.uploads.put('a.png', 'thumbs/a.png');
    const { _id } = await Album.create({ image: 'a.png', thumb: 'thumbs/a.png' });
    await Album.updateOne({ _id }, { $unset: { image: 1 } });
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['thumbs/a.png']);
    expect(told(s.events, s.uploads.root)).to.deep.equal(['kept thumbs/a.png of a.png (still used)']);
  });

  it('that are not there are passed over in silence', async () => {
    album();
    await s.uploads.put('a.png');
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    await idle();
    expect(s.events.map(({ outcome }) => outcome)).to.deep.equal(['removed']);
    expect(s.log).to.deep.equal([]);
  });

  it('that went before their turn are passed over, too', async () => {
    const local = localProvider({ root: s.uploads.root, derived: thumbs });
    const remove: typeof local.remove = async (assets, options) => {
      await fse.remove(s.uploads.path('thumbs'));
      return local.remove(assets, options);
    };
    album(thumbs, { provider: Object.create(local, { remove: { value: remove } }) as typeof local });
    await s.uploads.put('a.png', 'thumbs/a.png');
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    await idle();
    expect(s.events.map(({ outcome }) => outcome)).to.deep.equal(['removed']);
  });

  it('go where the original itself was missing', async () => {
    album();
    await s.uploads.put('thumbs/a.png');
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    await idle();
    expect(await s.uploads.names()).to.deep.equal([]);
    expect(told(s.events, s.uploads.root)).to.deep.equal(['removed thumbs/a.png of a.png']);
  });

  it('stay with an original that stays: used, by a rule, by a failure', async () => {
    album(thumbs, { keep: '/uploads/kept.png' });
    await s.uploads.put('a.png', 'thumbs/a.png', 'kept.png', 'thumbs/kept.png', 'thumbs/folder.png');
    await fse.ensureDir(s.uploads.path('folder.png'));
    await Album.create([
      { image: 'a.png' },
      { image: '/uploads/a.png' },
      { image: 'kept.png' },
      { image: 'folder.png' },
    ]);
    await Album.deleteMany({ image: { $ne: '/uploads/a.png' } });
    await idle();
    expect(await s.uploads.names()).to.deep.equal([
      'a.png',
      'kept.png',
      'thumbs/a.png',
      'thumbs/folder.png',
      'thumbs/kept.png',
    ]);
    expect(told(s.events, s.uploads.root)).to.deep.equal([]);
  });

  it('are never asked what is made from them', async () => {
    album((name) => [`thumbs/${name}`]);
    await s.uploads.put('a.png', 'thumbs/a.png', 'thumbs/thumbs/a.png');
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({});
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['thumbs/thumbs/a.png']);
  });

  for (const [what, rest] of [
    ['extension', 'a.jpg'],
    ['folder', 'other/a.png'],
    ['case', 'A.PNG'],
  ] as const) {
    it(`of two originals that differ in their ${what} stay while either is used`, async () => {
      album((name) => [
        `thumbs/${name
          .toLowerCase()
          .replace(/^.*\//, '')
          .replace(/\.\w+$/, '')}.webp`,
      ]);
      await s.uploads.put('a.png', rest, 'thumbs/a.webp');
      await Album.create([{ image: 'a.png' }, { image: rest }]);
      await Album.deleteOne({ image: 'a.png' });
      await idle();
      expect(await s.uploads.names()).to.deep.equal([rest, 'thumbs/a.webp'].sort());
      expect(told(s.events, s.uploads.root)).to.deep.equal(['kept thumbs/a.webp of a.png (still used)']);
      await Album.deleteOne({ image: rest });
      await idle();
      expect(await s.uploads.names()).to.deep.equal([]);
    });
  }

  it('stay while another original is only mentioned', async () => {
    album((name) => [`thumbs/${name.replace(/\.\w+$/, '')}.webp`]);
    await s.uploads.put('a.png', 'a.jpg', 'thumbs/a.webp');
    await Album.create([{ image: 'a.png' }, { image: 'https://elsewhere.example/uploads/a.jpg?v=2' }]);
    await Album.deleteOne({ image: 'a.png' });
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['a.jpg', 'thumbs/a.webp']);
    expect(told(s.events, s.uploads.root)).to.deep.equal(['kept thumbs/a.webp of a.png (mentioned)']);
  });

  it('stay while a text mentions another original by its name alone, also where values have a beginning', async () => {
    const provider = memoryProvider({ derived: (id) => [`thumbs/${id.replace(/\.\w+$/, '')}.webp`] });
    for (const id of ['a.png', 'a.jpg', 'thumbs/a.webp']) provider.put(id);
    album(undefined, { provider });
    await Album.create([{ image: 'memory:a.png' }, { image: 'look at a.jpg, please' }]);
    await Album.deleteOne({ image: 'memory:a.png' });
    await idle();
    expect([...provider.files.keys()]).to.deep.equal(['a.jpg', 'thumbs/a.webp']);
  });

  for (const [what, text] of [
    ['with spaces between quotes', 'see <img alt="x" src="/files/my photo.jpg">'],
    ['with escapes', 'see (/files/my%20photo.jpg?v=2)'],
    ['with entities', 'see <img src=/files/my&#32;photo.jpg >'],
  ] as const) {
    it(`stay while a text names another original ${what}`, async () => {
      album((name) => [`thumbs/${name.replace(/\.\w+$/, '')}.webp`]);
      await s.uploads.put('my photo.png', 'my photo.jpg', 'thumbs/my photo.webp');
      await Album.create([{ image: 'my photo.png' }, { image: text }]);
      await Album.deleteOne({ image: 'my photo.png' });
      await idle();
      expect(await s.uploads.names()).to.deep.equal(['my photo.jpg', 'thumbs/my photo.webp']);
    });
  }

  it('stay while a text shows their original in a way that only its function knows', async () => {
    album();
    const idsIn = (value: unknown): string[] =>
      [...String(value).matchAll(/\[image (\w+)\]/g)].map(([, id]) => `${id!}.png`);
    const Article = s.model(
      'Article',
      { body: String },
      {
        fields: [{ path: 'body', in: idsIn }],
        provider: localProvider({ root: s.uploads.root, derived: thumbs }),
      },
    );
    await s.uploads.put('a.png', 'a-400.webp');
    await Article.create({ body: 'See [image a]' });
    await Album.create({ thumb: 'a-400.webp' });
    await Album.deleteMany({});
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['a-400.webp', 'a.png']);
    await Article.updateOne({}, { body: '' });
    await cleanupFor(Article).idle();
    expect(await s.uploads.names()).to.deep.equal([]);
  });

  it('that a document drops itself stay while their original is used', async () => {
    album();
    await s.uploads.put('a.png', 'thumbs/a.png');
    await Album.create([{ image: 'a.png' }, { thumb: 'thumbs/a.png' }]);
    await Album.deleteOne({ thumb: 'thumbs/a.png' });
    await idle();
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
    expect(await s.outcomes()).to.deep.equal(['kept thumbs/a.png (still used)']);
  });
});
