import { expect } from 'chai';
import fse from 'fs-extra';
import path from 'node:path';
import { localProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

/** What an editor itself has written; `npm run editors` makes these files. */
interface Fixture {
  readonly editor: string;
  readonly version: string;
  readonly format: 'html' | 'json';
  readonly what: string;
  readonly value: unknown;
  /** The files that it shows, or links to. */
  readonly images: string[];
}

const FOLDER = path.join(__dirname, 'editors');
const FIXTURES = fse
  .readdirSync(FOLDER)
  .flatMap((name) => fse.readJsonSync(path.join(FOLDER, name)) as Fixture[]);

describe('texts that editors wrote', () => {
  let app: TestApp;
  beforeEach(async () => {
    app = await testApp();
  });
  afterEach(closeTestApps);

  function articles(format: 'html' | 'json'): AnyDocumentModel {
    return app.model(
      'Article',
      { body: {}, notes: String },
      {
        fields: [
          { path: 'body', in: format },
          { path: 'notes', in: 'html' },
        ],
        provider: localProvider({ root: app.uploads.root, hosts: ['cdn.example.com'] }),
      },
    );
  }

  it('are here, from six editors', () => {
    const editors = new Set(FIXTURES.map(({ editor }) => editor));
    expect([...editors].sort()).to.deep.equal([
      'ckeditor',
      'editorjs',
      'lexical',
      'quill',
      'slate',
      'tiptap',
    ]);
  });

  for (const { editor, version, format, what, value, images } of FIXTURES) {
    const title = `${editor} ${version}, ${format}, ${what}`;

    it(`${title}: its images go with the document`, async () => {
      const Article = articles(format);
      await app.uploads.put(...images, 'another.png');
      const article = await Article.create({ body: value });
      await article.deleteOne();
      expect(await app.uploads.names()).to.deep.equal(['another.png']);
    });

    it(`${title}: its images stay while another document mentions them`, async () => {
      const Article = articles(format);
      await app.uploads.put(...images);
      await Article.create({ body: value });
      const notes = images.map((name) => `<!-- ${encodeURIComponent(name)} -->`).join('\n');
      const other = await Article.create({ notes });
      await Article.deleteOne({ body: { $exists: true } });
      expect(await app.uploads.names()).to.deep.equal([...images].sort());
      await other.deleteOne();
      await Article.create({ body: value });
      await Article.deleteMany();
      expect(await app.uploads.names()).to.deep.equal([]);
    });

    it(`${title}: an image that is edited out goes, the others stay`, async () => {
      const Article = articles(format);
      await app.uploads.put(...images);
      const article = await Article.create({ body: value });
      article.set('body', format === 'html' ? '<p>Empty</p>' : { blocks: [] });
      article.set('notes', `<p><img src="/uploads/${encodeURIComponent(images[0]!)}"></p>`);
      await article.save();
      expect(await app.uploads.names()).to.deep.equal([images[0]]);
    });
  }
});
