import { expect } from 'chai';
import { Schema } from 'mongoose';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { insertRaw, untyped } from '../support/usage.js';

const Mixed = Schema.Types.Mixed;
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');

/** Values that lead to no file here, yet a person would say that they show it. */
const MENTIONS: Record<string, readonly [file: string, stored: unknown]> = {
  'a host that is not listed': ['a.png', 'http://localhost:9000/uploads/a.png'],
  'another folder of another host': ['2024/a.png', 'https://old.example/media/a.png?v=3#top'],
  'another case': ['Photo-1.png', 'HTTPS://OLD.EXAMPLE/UPLOADS/PHOTO-1.PNG'],
  'a text in HTML': ['a.png', '<p>Hello</p><img src="https://old.example/x/a.png"><p>!</p>'],
  'HTML without quotes': ['a.png', '<img src=/uploads/a.png width=3>'],
  'a srcset': ['a.png', '<img srcset="/uploads/b.png 1x,/uploads/a.png 2x">'],
  'a text in Markdown': ['a.png', 'See ![me](/uploads/a.png "me"), please.'],
  'a style': ['a.png', 'background: url(/uploads/a.png) no-repeat'],
  'a text in JSON': ['a.png', JSON.stringify({ src: '/uploads/a.png' }).replaceAll('/', '\\/')],
  'a text with several lines': ['a.png', 'first\r\n/uploads/a.png\r\nlast'],
  'the entity &amp;': ['a&b.png', `<img src="/uploads/${escaped('a&b.png')}">`],
  'the entity &#38;': ['a&b.png', '<img src="/uploads/a&#38;b.png">'],
  'the entity &#x26;': ['a&b.png', '<img src="/uploads/a&#x26;b.png">'],
  'the entity &#39;': ["it's.png", '<img src="/uploads/it&#39;s.png">'],
  'an escaped name in a text': ['my holiday.png', '<img src="https://old.example/my%20holiday.png">'],
  'a form-encoded name': ['my holiday.png', 'https://old.example/show?name=my+holiday.png'],
  'a name twice encoded': ['my holiday.png', 'https://old.example/show?u=%2Fuploads%2Fmy%2520holiday.png'],
  'a name with its folder as a parameter': ['2024/a.png', 'https://old.example/show?file=2024%2Fa.png&w=3'],
  'an escaped name in lower-case hex': ['\u00e9t\u00e9.png', '<img src="/uploads/%c3%a9t%c3%a9.png">'],
  'the decomposed form of a letter': ['\u00e9t\u00e9.png', 'https://old.example/e\u0301te\u0301.png'],
  'a deep object': ['a.png', { blocks: [{ data: { file: { href: 'https://old.example/a.png' } } }] }],
  'an object in an array in an array': ['a.png', [[{ src: [['https://old.example/a.png']] }]]],
  'a Windows path': ['a.png', 'C:\\inetpub\\uploads\\a.png'],
  'a path of another machine': ['a.png', '/var/www/app/public/a.png'],
  'dots that lead elsewhere': ['a.png', '../../other/uploads/a.png'],
};

/** The same, further from what a plain search sees. */
const FAR_MENTIONS: typeof MENTIONS = {
  'a JSON text with escaped letters': ['\u00e9t\u00e9.png', '{"src":"/uploads/\\u00e9t\\u00e9.png"}'],
  'the entity &eacute;': ['caf\u00e9.png', '<img src="/uploads/caf&eacute;.png">'],
  'a key of an object': ['a.png', { captions: { 'https://old.example/a.png': 'me' } }],
};

/** Names that are hard to find by a pattern. */
const NAMES = [
  ...['a+b.png', 'a(1).png', 'a[1].png', 'a$b^c.png', 'a{2}.png', 'a|b.png', 'a*.png', 'a.b.c.png', 'a..png'],
  ...['100%.png', '50%20off.png', 'what?.png', 'a#1.png', 'my pic (copy).png', "it's!.png", 'a&b=c;d,e.png'],
  ...[
    'caf\u00e9.png',
    'cafe\u0301.png',
    '\u5199\u771f.png',
    '\ud83d\ude00.png',
    '\u5199\u771f',
    '()[].png',
    '\u0130.png',
    '\u0130',
    '\u212a',
  ],
  ...['-a.png', '.hidden.png', 'a', 'A', `${'x'.repeat(200)}.png`, 'no-extension', '7', '@2x.png', '~a.png'],
];

/** Values that name another file. */
const NO_MENTIONS: Record<string, readonly [file: string, stored: unknown]> = {
  'the same name with another ending': ['7.png', '7.jpg'],
  'a longer name that ends with it': ['pic.png', 'https://old.example/my-pic.png'],
  'a longer name that begins with it': ['pic.png', 'https://old.example/pic.png.webp'],
  'a longer name in a text': ['pic.png', '<img src="/other/my-pic.png"> and <b>epic.png</b>'],
  'a file of the same name in another folder of ours': ['pic.png', '/uploads/2024/pic.png'],
  'a file here whose name ends with it after a space': ['pic.png', 'my pic.png'],
};

describe('mentions of a file', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  const definition = { image: Mixed, notes: [Mixed], byKey: { type: Map, of: Mixed } };
  const fields = ['image', 'notes', 'byKey'];

  /** Deletes the document of the file while a document has the value. */
  async function deleteBeside(file: string, other: object, isOtherModel: boolean): Promise<string[]> {
    const Album = s.model('Album', definition, { fields });
    const Page = isOtherModel ? s.model('Page', definition, { fields }) : Album;
    await s.uploads.put(file);
    await insertRaw(Page, other);
    const album = await Album.create({ image: s.uploads.path(file) });
    await album.deleteOne();
    return (await s.outcomes()).map((told) => told.replace(/ .*?( \([a-z ]+\))?$/s, '$1'));
  }

  for (const [title, [file, stored]] of Object.entries({ ...MENTIONS, ...FAR_MENTIONS })) {
    it(`${title} keeps ${file}`, async () => {
      expect(await deleteBeside(file, { image: stored }, false)).to.deep.equal(['kept (mentioned)']);
      expect(await s.uploads.has(file)).to.equal(true);
    });
  }

  for (const [where, place] of Object.entries<(value: unknown) => object>({
    'another field': (value) => ({ image: 'b.png', notes: ['x', value] }),
    'a value of a Map': (value) => ({ byKey: { front: value } }),
    'an object of a Map': (value) => ({ byKey: { front: { src: value } } }),
    'an array in an array': (value) => ({ notes: [['x', [value]]] }),
  })) {
    it(`in ${where} of another model keep it`, async () => {
      const other = place('see https://old.example/a.png');
      expect(await deleteBeside('a.png', other, true)).to.deep.equal(['kept (mentioned)']);
    });
  }

  for (const name of NAMES) {
    for (const [how, encode] of Object.entries<(name: string) => string>({
      raw: (one) => one,
      encoded: encodeURIComponent,
      'twice encoded': (one) => encodeURIComponent(encodeURIComponent(one)),
    })) {
      it(`of the name ${name}, ${how}, are found`, async () => {
        const told = await deleteBeside(name, { image: `https://old.example/media/${encode(name)}` }, true);
        expect(told).to.deep.equal(['kept (mentioned)']);
        expect(await s.uploads.has(name)).to.equal(true);
      });
    }
  }

  for (const [title, [file, stored]] of Object.entries(NO_MENTIONS)) {
    it(`${title} is none: ${file} is removed`, async () => {
      await s.uploads.put('my pic.png', '2024/pic.png');
      expect(await deleteBeside(file, { image: stored }, true)).to.deep.equal(['removed']);
    });
  }

  it('7.jpg that replaces 7.png removes it', async () => {
    await s.uploads.put('7.png', '7.jpg');
    const Album = s.model('Album', { image: String });
    const album = await Album.create({ image: '7.png' });
    await Album.updateOne({ _id: album._id }, { image: '7.jpg' });
    expect(await s.outcomes()).to.deep.equal(['removed 7.png']);
    const again = await Album.findById(album._id);
    await again.set({ image: '7.png' }).save();
    expect(await s.outcomes()).to.deep.equal(['removed 7.jpg']);
  });

  it('ride in the one question to each collection', async () => {
    const definitionWithIndex = { image: { type: String, index: true } };
    const Album = s.model('Album', definitionWithIndex);
    const Page = s.model('Page', definitionWithIndex);
    await Promise.all([Album.init(), Page.init()]);
    await insertRaw(Album, { image: 'a.png' }, { image: 'warm-up.png' });
    await insertRaw(Page, { image: 'http://old.example/a.png' }, { image: 'b.png' });
    await Album.deleteOne({ image: 'warm-up.png' });
    await s.outcomes();
    const commands = watchCommands(s.connection);
    await Album.deleteOne({ image: 'a.png' });
    expect(await s.outcomes()).to.deep.equal(['kept a.png (mentioned)']);
    expect(commands.names()).to.deep.equal(['find', 'delete', 'find', 'find']);
  });

  it('are told of a batch of files one by one', async () => {
    const names = ['a.png', 'b.png', 'c.png', 'd.png'];
    await s.uploads.put(...names);
    const Album = s.model('Album', { image: String });
    const Page = s.model('Page', { body: String }, { fields: ['body'] });
    await insertRaw(Page, {
      body: '<img src="http://old.example/b.png"><img src="http://old.example/d.png">',
    });
    await Album.create(names.map((image) => ({ image })));
    await Album.deleteMany({});
    expect(await s.uploads.names()).to.deep.equal(['b.png', 'd.png']);
  });

  it('are not looked for in fields that are not tracked', async () => {
    await s.uploads.put('a.png');
    const Album = s.model('Album', { image: String, title: String }, untyped({ mentionsUpTo: Infinity }));
    await Album.create([{ image: 'a.png' }, { image: 'b.png', title: 'a.png' }]);
    await Album.deleteOne({ image: 'a.png' });
    expect(await s.outcomes()).to.deep.equal(['removed a.png']);
  });

  it('do not keep a file of which the document itself was the last one to speak', async () => {
    await s.uploads.put('a.png');
    const Album = s.model('Album', { image: String, notes: String }, { fields: ['image', 'notes'] });
    const album: AnyDocumentModel['prototype'] = await Album.create({
      image: 'a.png',
      notes: 'see /x/a.png',
    });
    await album.deleteOne();
    expect(await s.uploads.names()).to.deep.equal([]);
  });
});
