import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, localProvider } from '../../lib/index.js';
import { readOptions } from '../../lib/schema/read-options.js';

const fresh = (): Schema =>
  new Schema(
    { image: String, name: String, nested: { deep: String }, map: { type: Map, of: String } },
    {
      virtuals: { shown: { get: () => 1 } },
    },
  );

/** What is wrong, and the name that the error must contain. */
const wrong: [options: unknown, named: string][] = [
  [{ field: 'image' }, 'field'],
  [{ fields: 'image' }, 'fields'],
  [{ fields: [] }, 'fields'],
  [{ fields: [''] }, 'fields'],
  [{ fields: [7] }, 'fields'],
  [{ fields: null }, 'fields'],
  [{ fields: ['imgae'] }, 'imgae'],
  [{ fields: ['image', 'nested.deeper'] }, 'nested.deeper'],
  [{ fields: ['shown'] }, 'shown'],
  [{ fields: ['name.first'] }, 'name.first'],
  [{ provider: 'local' }, 'provider'],
  [{ provider: [] }, 'provider'],
  [{ provider: null }, 'provider'],
  [{ provider: { name: 'x' } }, 'provider'],
  [{ keep: '' }, 'keep'],
  [{ keep: [7] }, 'keep'],
  [{ keep: null }, 'keep'],
  [{ references: 'connections' }, 'references'],
  [{ references: [''] }, 'references'],
  [{ references: [{ model: 'Page' }] }, 'references'],
  [{ references: [{ model: 'Page', fields: [] }] }, 'references'],
  [{ references: [{ model: 'Page', fields: ['x'], extra: 1 }] }, 'references'],
  [{ references: null }, 'references'],
  [{ references: ['model', 'document'] }, "'model' and 'document'"],
  [{ references: [{ model: 'Page', fields: [''] }] }, 'references'],
  [{ references: [{ model: 'Page', fields: ['html'], mentions: 'yes' }] }, 'mentions'],
  [{ references: [{ model: 'Page', fields: ['html'], mention: true }] }, 'write "mentions"'],
  [{ references: [{ model: 7, fields: ['html'] }] }, 'references'],
  [{ references: [7] }, 'references'],
  [{ mentionsUpTo: -1 }, 'mentionsUpTo'],
  [{ mentionsUpTo: 1.5 }, 'mentionsUpTo'],
  [{ mentionsUpTo: '10' }, 'mentionsUpTo'],
  [{ mentionsUpTo: NaN }, 'mentionsUpTo'],
  [{ dryRun: 'yes' }, 'dryRun'],
  [{ dryRun: 0 }, 'dryRun'],
  [{ logger: { warn: () => 1, error: () => 1, info: true } }, 'logger'],
  [{ dryrun: true }, 'write "dryRun"'],
  [{ enabled: 'yes' }, 'enabled'],
  [{ enabled: 0 }, 'enabled'],
  [{ removal: 'later' }, 'removal'],
  [{ timeoutMs: 0 }, 'timeoutMs'],
  [{ timeoutMs: '10' }, 'timeoutMs'],
  [{ timeoutMs: Infinity }, 'timeoutMs'],
  [{ timeoutMs: NaN }, 'timeoutMs'],
  [{ retry: 5 }, 'retry'],
  [{ retry: { attempts: 0 } }, 'retry.attempts'],
  [{ retry: { tries: 3 } }, 'tries'],
  [{ retry: { minDelayMs: 9, maxDelayMs: 3 } }, 'retry.maxDelayMs'],
  [{ maxDocuments: -1 }, 'maxDocuments'],
  [{ onEvent: 'log' }, 'onEvent'],
  [{ logger: {} }, 'logger'],
  [{ logger: { warn: () => 1 } }, 'logger'],
  [null, 'options'],
  ['image', 'options'],
];

describe('options', () => {
  for (const [options, named] of wrong) {
    it(`${JSON.stringify(options)} throws a TypeError that names ${named}`, () => {
      const given =
        options === null || typeof options !== 'object' ? options : { fields: ['image'], ...options };
      expect(() => fresh().plugin(imageCleanup, given as never)).to.throw(TypeError, named);
    });
  }

  it('neither fields nor marks throws', () => {
    expect(() => fresh().plugin(imageCleanup)).to.throw(TypeError, 'nothing to track');
  });

  it('an unknown option names what is known, a wrong value what is allowed', () => {
    expect(() => readOptions({ foo: 1 } as never)).to.throw('known: fields, provider');
    expect(() => readOptions({ removal: 'x' } as never)).to.throw("'x'; allowed: 'wait', 'background'");
  });

  it('says what to do', () => {
    expect(() => readOptions({ removal: 'x' } as never)).to.throw('correct it, or leave it out');
    expect(() => readOptions({ field: ['image'] } as never)).to.throw('write "fields"');
    expect(() => readOptions({ foo: 1 } as never)).to.throw('take it out');
  });

  describe('references', () => {
    const read = (references: unknown) => readOptions({ references } as never).references;
    const sources = ['Page', { model: 'Text', fields: ['html'], mentions: true }, () => [false]];

    it('an array is asked in addition to the connection', () => {
      expect(read(sources)).to.deep.equal({ scope: 'connection', sources });
      expect(read([])).to.deep.equal({ scope: 'connection', sources: [] });
    });

    it('a scope in it narrows', () => {
      for (const scope of ['connection', 'model', 'document']) {
        expect(read([scope, ...sources])).to.deep.equal({ scope, sources });
        expect(read([...sources, scope, scope])).to.deep.equal({ scope, sources });
        expect(read(scope)).to.deep.equal({ scope, sources: [] });
      }
    });
  });

  it('mentionsUpTo is a count, and whether it was given is known', () => {
    for (const mentionsUpTo of [0, 5, Infinity]) {
      const read = readOptions({ mentionsUpTo });
      expect(read).to.include({ mentionsUpTo, isMentionsUpToGiven: true });
    }
  });

  describe('dryRun', () => {
    const isDry = (dryRun: unknown): boolean => readOptions({ dryRun } as never).isDryRun();

    it('true, false or what a function answers, asked each time', () => {
      expect([isDry(undefined), isDry(false), isDry(true)]).to.deep.equal([false, false, true]);
      let isOn = true;
      const { isDryRun } = readOptions({ dryRun: () => isOn });
      expect(isDryRun()).to.equal(true);
      isOn = false;
      expect(isDryRun()).to.equal(false);
    });

    it('a function that throws or answers with something else counts as on: nothing must go', () => {
      const fail = (): never => {
        throw new Error('no answer');
      };
      for (const odd of [fail, () => undefined, () => 0, () => Promise.reject(new Error('later'))]) {
        expect(isDry(odd)).to.equal(true);
      }
    });
  });

  it('a logger may have info', () => {
    const logger = { warn: () => 1, error: () => 1, info: () => 1 };
    expect(readOptions({ logger }).logger).to.equal(logger);
  });

  it('a field that begins with $ is refused: no projection can name it', () => {
    const schema = new Schema({ $image: String });
    expect(() => schema.plugin(imageCleanup, { fields: ['$image'] })).to.throw(TypeError, '$image');
  });

  it('a schema that is not strict takes any field', () => {
    const schema = new Schema({ name: String }, { strict: false });
    expect(() => schema.plugin(imageCleanup, { fields: ['image'] })).to.not.throw();
  });

  it('what is right is taken, with the defaults of the README', () => {
    const options = readOptions({ fields: ['image'] });
    expect(options).to.deep.include({
      references: { scope: 'connection', sources: [] },
      mentionsUpTo: 10_000,
      isMentionsUpToGiven: false,
      removal: 'wait',
      timeoutMs: 10_000,
      maxDocuments: 1_000_000,
      retry: { attempts: 5, minDelayMs: 200, maxDelayMs: 30_000 },
      keep: [],
    });
    expect(options.providers.map(({ name }) => name)).to.deep.equal(['local']);
    expect(options.isEnabled()).to.equal(true);
    expect(options.isDryRun()).to.equal(false);
    readOptions({
      fields: ['a', 'a'],
      provider: [localProvider()],
      keep: ['x', /y/, () => true],
      deduplicate: true,
      tags: ['x'],
    });
  });
});
