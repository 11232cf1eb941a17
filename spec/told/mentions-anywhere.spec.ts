import { expect } from 'chai';
import { Schema } from 'mongoose';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

const NAMES = ['my holiday.png', 'été.png', 'a&b.png', 'plain.png'];

/** Texts that show one of the pictures, by its name. */
const TEXTS: readonly (readonly [name: string, html: string])[] = [
  ['my holiday.png', '<p><img src="/uploads/my%20holiday.png"></p>'],
  ['été.png', '<img src="https://old.example.com/uploads/%C3%A9t%C3%A9.png">'],
  ['a&b.png', '<img src="/uploads/a&amp;b.png">'],
  ['plain.png', '![](http://localhost:3000/uploads/plain.png)'],
];

describe('references with mentions: true', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put(...NAMES);
  });
  afterEach(closeTestApps);

  async function pages(): Promise<AnyDocumentModel> {
    const schema = new Schema({ html: String, blocks: {} });
    const Page = s.connection.model('Page', schema) as AnyDocumentModel;
    await Page.init();
    return Page;
  }

  async function albumAsking(Page: AnyDocumentModel, mentions: boolean): Promise<AnyDocumentModel> {
    const references = [{ model: Page, fields: ['html', 'blocks'], mentions }];
    // the size of the collection plays no part: above the limit, which is 0 here
    const Album = s.model(
      'Album',
      { image: { type: String, index: true } },
      { references: references as never, mentionsUpTo: 0 },
    );
    await Album.init();
    await Album.create(NAMES.map((image) => ({ image })));
    return Album;
  }

  for (const [name, html] of TEXTS) {
    for (const field of ['html', 'blocks'] as const) {
      it(`keeps ${name} for ${html} in ${field}, above the limit`, async () => {
        const Page = await pages();
        await insertRaw(Page, field === 'html' ? { html } : { blocks: [{ type: 'image', data: { html } }] });
        const Album = await albumAsking(Page, true);
        await Album.deleteMany({});
        const others = NAMES.filter((one) => one !== name).map((one) => `removed ${one}`);
        expect(await s.outcomes()).to.deep.equal([`kept ${name} (mentioned)`, ...others].sort());
      });
    }
  }

  it('without it only the forms of a file are looked for in a large collection', async () => {
    const Page = await pages();
    await insertRaw(Page, { html: TEXTS[3]![1] });
    const Album = await albumAsking(Page, false);
    await Album.deleteOne({ image: 'plain.png' });
    expect(await s.outcomes()).to.deep.equal(['removed plain.png']);
  });

  it('reads a collection of more than 10,000 documents, with the default limit', async () => {
    const Page = await pages();
    const many = Array.from({ length: 10_050 }, (_, n) => ({ html: `<p>page ${String(n)}</p>` }));
    await insertRaw(Page, ...many, { html: TEXTS[0]![1] });
    const references = [{ model: Page, fields: ['html'], mentions: true }];
    const Album = s.model('Album', { image: { type: String, index: true } }, { references });
    await Album.init();
    await Album.create({ image: 'my holiday.png' }, { image: 'plain.png' });
    await Album.deleteMany({});
    expect(await s.outcomes()).to.deep.equal(['kept my holiday.png (mentioned)', 'removed plain.png']);
  });
});
