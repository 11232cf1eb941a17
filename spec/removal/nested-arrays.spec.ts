import { expect } from 'chai';
import { Schema, type SchemaDefinition } from 'mongoose';
import { closeTestApps, testApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';
import { itWith } from '../support/versions.js';
import { type Ability } from '../support/mongodb/abilities.js';

const child = new Schema({ file: { type: String, imageCleanup: true } }, { _id: false });

interface Use {
  definition: SchemaDefinition;
  fields?: string[];
  use: object;
  needed?: Ability[];
}

/** Uses of `a` that no path of a MongoDB query can reach. */
const uses: Record<string, Use> = {
  'an array in an array': { definition: { rows: [[String]] }, fields: ['rows'], use: { rows: [['b', 'a']] } },
  'three arrays deep': { definition: { rows: [[[String]]] }, fields: ['rows'], use: { rows: [[['a']]] } },
  'an array in an array in Mixed': { definition: { any: {} }, fields: ['any'], use: { any: [['a']] } },
  'objects in an array in an array in Mixed': {
    definition: { any: {} },
    fields: ['any.file'],
    use: { any: [[{ file: 'a' }]] },
    needed: ['projections into nested arrays'],
  },
  'deep inside Mixed': {
    definition: { any: {} },
    fields: ['any.deep.file'],
    use: { any: { deep: [[{ file: ['a'] }]] } },
    needed: ['projections into nested arrays'],
  },
  'an array of arrays of Mixed': {
    definition: { any: [[{}]] },
    fields: ['any'],
    use: { any: [[{ public_id: 'a' }]] },
  },
  'sub-documents in an array in an array': {
    definition: { rows: [[child]] },
    fields: ['rows.file'],
    use: { rows: [[{ file: 'a' }]] },
    needed: ['projections into nested arrays'],
  },
  'marked sub-documents in an array in an array': {
    definition: { rows: [[child]] },
    use: { rows: [[{ file: 'a' }]] },
    needed: ['projections into nested arrays'],
  },
  'a Map of arrays of arrays': {
    definition: { sets: { type: Map, of: [[String]] } },
    fields: ['sets'],
    use: { sets: { x: [['a']] } },
  },
};

describe('nested arrays', () => {
  afterEach(closeTestApps);

  for (const [name, { definition, fields, use, needed = [] }] of Object.entries(uses)) {
    itWith(...needed)(`a file used in ${name} is kept`, async () => {
      const s = await testApp();
      const store = recordingProvider('a', 'c');
      const options = { provider: store };
      const Album = s.model('Album', { image: String }, options);
      const Nested = s.model('Nested', definition, { ...options, fields } as never);
      await Nested.create([use, use]);
      await Album.create({ image: 'a' }, { image: 'c' });
      await Album.deleteMany({});
      expect(store.gone()).to.deep.equal(['c']);
      await Nested.deleteOne();
      expect(store.gone()).to.deep.equal(['c']);
      await Nested.deleteMany();
      expect(store.gone()).to.deep.equal(['a', 'c']);
    });
  }
});
