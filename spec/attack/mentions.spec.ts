import { expect } from 'chai';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

describe('attack: mentions of a file', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model(
      'Album',
      { image: String, body: String, data: {} },
      { fields: ['image', 'body', 'data'] },
    );
  });
  afterEach(closeTestApps);

  async function outcomesBeside(name: string, document: object): Promise<string[]> {
    await s.uploads.put(name);
    await Album.create({ image: name });
    await insertRaw(Album, document);
    await Album.deleteOne({ image: name });
    return s.outcomes();
  }

  // names that begin or end with a mark, or have letters that encoders change before their extension
  const names = [
    '_MG_1234.jpg',
    '-a.png',
    '.hidden.png',
    'é.png',
    '写真.png',
    'a(1).png',
    'a _b.png',
    '(1)_.png',
  ];
  for (const name of names) {
    for (const end of ['.', '...', '_ and more', '-']) {
      const text = `See http://old.example.com/uploads/${name}${end}`;
      it(`keeps ${name} in "${text}"`, async () => {
        expect(await outcomesBeside(name, { body: text })).to.deep.equal([`kept ${name} (mentioned)`]);
      });
    }
  }

  it('keeps a file that the last of 200,000 strings of an object mentions', async () => {
    const list = Array.from({ length: 200_000 }, (_, index) => `b${String(index)}`);
    const data = { text: 'see http://old.example.com/uploads/a.png here', list };
    expect(await outcomesBeside('a.png', { data })).to.deep.equal(['kept a.png (mentioned)']);
  });

  // where the time grows with the square of the length these take minutes, and mocha's own time limit ends them
  for (const filler of ['-', '.', '_', 'a-', '%2', '&#', '\\u00', '&', '%e9', '. ']) {
    it(`reads a text with 500,000 times ${JSON.stringify(filler)} before a name to its end`, async () => {
      const [outcome] = await outcomesBeside('a.png', { body: `x${filler.repeat(500_000)}a.png` });
      expect(outcome).to.match(/a\.png/);
    });
  }
});
