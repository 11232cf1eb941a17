import { expect } from 'chai';
import { cleanupFor } from '../../lib/index.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { itWith } from '../support/versions.js';

/** Names that the finders of other projects split, cut or did not decode. */
const HARD = ["it's.png", 'a&b.png', 'a{1}.png', 'a,b.png', 'a (1).png', 'a b.png', 'ü.png', 'a+b.png'];

const escaped = (name: string): string =>
  encodeURI(name).replaceAll('&', '&amp;').replaceAll('(', '%28').replaceAll(')', '%29');

/** How a Markdown page refers to an image: every way that a browser would load it from. */
const MARKDOWN: Readonly<Record<string, (name: string) => string>> = {
  inline: (name) => `![x](/uploads/${escaped(name)})`,
  'with a title': (name) => `![x](/uploads/${escaped(name)} "title")`,
  'in angle brackets': (name) => `![x](</uploads/${name.replaceAll('&', '&amp;')}>)`,
  'by reference': (name) => `![x][one]\n\n[one]: /uploads/${escaped(name)}`,
  'as a link around an image': (name) => `[![x](/uploads/${escaped(name)})](https://example.org)`,
  'in a table': (name) => `| a |\n| - |\n| ![x](/uploads/${escaped(name)}) |`,
  'as HTML with double quotes': (name) => `<img src="/uploads/${escaped(name)}">`,
  'as HTML with single quotes': (name) => `<img src='/uploads/${escaped(name).replaceAll("'", '&#39;')}'>`,
};

describe('images in texts that other projects lost', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(() => healCommands(s.connection));
  afterEach(closeTestApps);

  const textModel = (name: string, format: 'html' | 'markdown' | 'json', options = {}): AnyDocumentModel =>
    s.model(
      name,
      { body: format === 'json' ? {} : String, image: String },
      { fields: ['image', { path: 'body', in: format }], ...options },
    );
  const swept = async (): Promise<string[]> => {
    const report = await cleanupFor(s.connection).sweep({ remove: true, olderThan: 0, maxShare: 1 });
    return report.files.filter(({ outcome }) => outcome === 'removed').map(({ name }) => name);
  };

  it('those of an editor are no unused uploads (forkcms#2553)', async () => {
    await s.uploads.put('cover.png', 'in-text.png', 'orphan.png');
    const Page = textModel('Page', 'html');
    const body = '<figure class="image"><img src="/uploads/in-text.png" alt=""></figure>';
    await Page.create({ image: 'cover.png', body });
    expect(await swept()).to.deep.equal(['orphan.png']);
  });

  for (const [way, write] of Object.entries(MARKDOWN)) {
    it(`a sweep finds those of Markdown pages ${way} (docs-tools#442)`, async () => {
      await s.uploads.put(...HARD, 'orphan.png');
      const Page = textModel('Page', 'markdown');
      for (const name of HARD) await Page.create({ body: `Words.\n\n${write(name)}\n` });
      expect(await swept()).to.deep.equal(['orphan.png']);
      await Page.updateMany({}, { body: 'Words.' });
      await cleanupFor(s.connection).idle();
      expect(await s.uploads.names()).to.deep.equal([]);
    });
  }

  it('names with &, braces, commas and quotes are whole in each attribute (future-architect#2333)', async () => {
    await s.uploads.put(...HARD, 'orphan.png');
    const Page = textModel('Page', 'html', { mentionsUpTo: 0 });
    const ways = [
      (url: string) => `<img src="${url}">`,
      (url: string) => `<img src='${url.replaceAll("'", '&#39;')}'>`,
      (url: string) => `<source srcset="${url} 1x, ${url}?w=2 2x">`,
      (url: string) => `<video poster="${url}"></video>`,
      (url: string) => `<div style="background: url(&quot;${url}&quot;)"></div>`,
    ];
    await Page.create(
      HARD.flatMap((name) => ways.map((way) => ({ image: name, body: way(`/uploads/${escaped(name)}`) }))),
    );
    expect(await swept()).to.deep.equal(['orphan.png']);
    for (const way of ways) {
      // each of the ways keeps its file by itself
      await Page.deleteMany({});
      await s.uploads.put(...HARD);
      await Page.create(HARD.map((name) => ({ body: way(`/uploads/${escaped(name)}`) })));
      await Page.create(HARD.map((image) => ({ image })));
      await Page.deleteMany({ image: { $exists: true } });
      await cleanupFor(s.connection).idle();
      expect(await s.uploads.names()).to.have.members(HARD);
    }
  });

  it('whatever surface shows a file, the last one takes it along (growthbook#6941)', async () => {
    await s.uploads.put('a.png');
    const surfaces: [AnyDocumentModel, unknown][] = [
      [textModel('Page', 'html'), '<img src="/uploads/a.png">'],
      [textModel('Note', 'markdown'), '![x](/uploads/a.png)'],
      [textModel('Board', 'json'), { blocks: [{ data: { file: { url: '/uploads/a.png' } } }] }],
      [textModel('Draft', 'json'), JSON.stringify({ ops: [{ insert: { image: '/uploads/a.png' } }] })],
      [textModel('Mail', 'html'), '<table background="/uploads/a.png"></table>'],
    ];
    for (const [Model, body] of surfaces) await Model.create({ body });
    for (const [index, [Model]] of surfaces.entries()) {
      await Model.deleteMany({});
      await cleanupFor(s.connection).idle();
      const isLast = index === surfaces.length - 1;
      expect(await s.uploads.has('a.png'), Model.modelName).to.equal(!isLast);
    }
  });

  for (const mentionsUpTo of [10_000, 0]) {
    itWith('fail points')(
      `a search that takes the server too long keeps (mentionsUpTo: ${String(mentionsUpTo)})`,
      async () => {
        await s.uploads.put('a.png');
        const Page = textModel('Page', 'html', { mentionsUpTo });
        await Page.create([{ body: '<img src="/uploads/a.png">' }, { body: 'Words.' }]);
        // the look-up before the write passes; the search is answered with MaxTimeMSExpired
        await failCommands(s.connection, { commands: ['find'], after: 1, errorCode: 50 });
        await Page.deleteOne({ body: /img/ });
        await healCommands(s.connection);
        expect(await s.outcomes()).to.deep.equal(['kept /uploads/a.png (unanswered)']);
        expect(await s.uploads.has('a.png')).to.equal(true);
      },
    );
  }
});
