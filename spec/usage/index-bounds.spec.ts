import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { CloudinaryServer, providerFor } from '../support/cloudinary/index.js';
import { watchCommands } from '../support/database.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { folderProvider, insertRaw } from '../support/usage.js';

interface Expression {
  readonly pattern: string;
  readonly options: string;
}

/**
 * The part of an expression that MongoDB searches an index by, in strictest form: it begins with `^`, has no option, and has no
 * `|` at all (src/mongo/db/query/analyze_regex.cpp; before version 8 an escaped `|` counted as well).
 */
function boundsOf({ pattern, options }: Expression): string {
  if (options !== '' || pattern.includes('|')) return '';
  const [beginning] = /^\^(?:[^\\^$.*+?()[\]{}]|\\[^\w])*/.exec(pattern) ?? [''];
  return beginning.slice(1).replace(/\\(.)/g, '$1');
}

describe('expressions of the question, where nothing is searched for', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  async function askedFor(Album: AnyDocumentModel, values: readonly string[]): Promise<Expression[]> {
    await Album.init();
    await insertRaw(Album, ...values.map((image) => ({ image })));
    const commands = watchCommands(s.connection);
    await Album.deleteMany({});
    await s.outcomes();
    const [, ...questions] = commands.of('find'); // behind the look-up
    return expressionsIn(questions);
  }

  function expressionsIn(value: unknown): Expression[] {
    if (value === null || typeof value !== 'object') return [];
    if (value instanceof RegExp) return [{ pattern: value.source, options: value.flags }];
    const { _bsontype: type } = value as mongo.Document;
    if (type === 'BSONRegExp') return [value as never];
    return Object.values(value).flatMap(expressionsIn);
  }

  const definition = { image: { type: String, index: true } };

  for (const name of ['a.png', 'holiday (1).png', 'a+b{2}[3].png', 'grün.png', '1.2.3-4_5.tar.gz']) {
    it(`have bounds in an index that only the forms of ${name} are between`, async () => {
      await s.uploads.put(name);
      const provider = folderProvider(s, '', { hosts: ['example.com'] });
      const Album = s.model('Album', definition, { mentionsUpTo: 0, provider });
      const expressions = await askedFor(Album, [name]);
      expect(expressions.length).to.be.greaterThan(10);
      const written = [name, encodeURI(name), encodeURIComponent(name)].map((one) => one.toLowerCase());
      for (const one of expressions) {
        const bounds = decodeURIComponent(boundsOf(one)).toLowerCase();
        expect(
          written.some((each) => bounds.endsWith(decodeURIComponent(each))),
          one.pattern,
        ).to.equal(true);
      }
    });
  }

  it('have bounds for a name with a |, up to it', async function () {
    if (process.platform === 'win32') this.skip();
    await s.uploads.put('first|second.png');
    const Album = s.model('Album', definition, { mentionsUpTo: 0 });
    const expressions = await askedFor(Album, ['first|second.png']);
    expect(expressions.length).to.be.greaterThan(5);
    for (const one of expressions) expect(boundsOf(one), one.pattern).to.match(/first(?:%7c)?/i);
  });

  it('have bounds for images of Cloudinary', async () => {
    const server = await new CloudinaryServer().start();
    const { public_id: id } = server.uploadResult(server.store.put('image', 'upload', 'app/holiday'));
    const Album = s.model('Album', definition, { mentionsUpTo: 0, provider: providerFor(server) });
    const expressions = await askedFor(Album, [id]);
    await server.stop();
    expect(expressions.length).to.be.greaterThan(0);
    for (const one of expressions) expect(boundsOf(one), one.pattern).not.to.equal('');
  });
});
