import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup, localProvider } from '../lib/index.js';
import { checkOptions } from '../lib/options.js';

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
    expect(() => checkOptions({ foo: 1 } as never)).to.throw('known are: fields, provider');
    expect(() => checkOptions({ removal: 'x' } as never)).to.throw("'x'; allowed: 'wait', 'background'");
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
    const options = checkOptions({ fields: ['image'] });
    expect(options).to.deep.include({
      references: 'connection',
      removal: 'wait',
      timeoutMs: 10_000,
      maxDocuments: 1_000_000,
      retry: { attempts: 5, minDelayMs: 200, maxDelayMs: 30_000 },
      keep: [],
      logger: console,
    });
    expect(options.providers.map(({ name }) => name)).to.deep.equal(['local']);
    expect(options.isEnabled()).to.equal(true);
    checkOptions({
      fields: ['a', 'a'],
      provider: [localProvider()],
      keep: ['x', /y/, () => true],
      deduplicate: true,
      tags: ['x'],
    });
  });
});
