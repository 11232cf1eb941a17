import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import type { DroppedAsset, StorageProvider } from '../../lib/index.js';
import { comparable, type StoredValue } from '../../lib/providers/stored-value.js';
import { memoryProvider } from '../../lib/testing/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

const { mongo } = mongoose;
const { Mixed } = Schema.Types;

/** Files that documents name by scalars of BSON, and by nothing else. */
class Things {
  readonly #values = new Map<string, StoredValue>();
  readonly removed: string[] = [];

  put(value: StoredValue): void {
    this.#values.set(keyOf(value)!, value);
  }

  provider(): StorageProvider {
    return {
      name: 'things',
      identify(value) {
        const key = keyOf(value);
        return key === null ? null : { provider: 'things', key };
      },
      forms: ({ key }) => ({ equal: this.#values.has(key) ? [this.#values.get(key)!] : [] }),
      remove: (assets) => Promise.resolve(assets.map((asset) => this.#remove(asset))),
    };
  }

  #remove({ key }: DroppedAsset) {
    this.removed.push(key);
    return { outcome: 'removed' as const };
  }
}

function keyOf(value: unknown): string | null {
  const text = comparable(value);
  return typeof text === 'string' && text !== value ? text.slice(1) : null;
}

describe('a file that documents name by a BSON value', () => {
  let s: TestApp;
  let things: Things;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    things = new Things();
    const definition = {
      value: Mixed,
      list: [Mixed],
      by: { type: Map, of: Mixed },
      sub: { id: Mixed },
      subs: [new Schema({ id: Mixed }, { _id: false })],
      foreign: Mixed,
    };
    const fields = [
      ...['value', 'list', 'by.$*', 'sub.id', 'subs.id'],
      { path: 'foreign', provider: memoryProvider() },
    ];
    Album = s.model('Album', definition, { fields, provider: things.provider(), mentionsUpTo: 0 });
  });
  afterEach(closeTestApps);

  const hex = '5f0a1c9e7d2b4a519f3c012345678901';
  const bytes = (): Buffer => Buffer.from(hex, 'hex');
  // each call makes another object that says the same
  const values: Record<string, { one: () => StoredValue; other: StoredValue }> = {
    'an ObjectId': {
      one: () => new mongo.ObjectId(hex.slice(0, 24)),
      other: new mongo.ObjectId(hex.slice(8)),
    },
    'a UUID': { one: () => new mongo.BSON.UUID(hex), other: new mongo.Binary(bytes(), 0) },
    'a Binary of a UUID': { one: () => new mongo.Binary(bytes(), 4), other: new mongo.Binary(bytes(), 3) },
    'a Buffer': { one: bytes, other: bytes().subarray(1) },
    'a Long': {
      one: () => mongo.Long.fromString('9007199254740993'),
      other: mongo.Long.fromString('9007199254740995'),
    },
    'a number': { one: () => 7, other: 8 },
    'a number as a Long': { one: () => mongo.Long.fromNumber(7), other: 7.5 },
    'a Double': { one: () => new mongo.Double(7.5), other: 7 },
  };
  const holders: Record<string, (value: unknown) => object> = {
    'a field': (value) => ({ value }),
    'an array': (value) => ({ list: ['x', value] }),
    'a Map': (value) => ({ by: { front: value } }),
    'a sub-document': (value) => ({ sub: { id: value } }),
    'an array of sub-documents': (value) => ({ subs: [{ id: 'x' }, { id: value }] }),
    'a field of another provider': (value) => ({ foreign: value }),
  };

  for (const [what, { one, other }] of Object.entries(values)) {
    for (const [where, held] of Object.entries(holders)) {
      it(`${what} in ${where}: keeps it by value, and the next value does not`, async () => {
        things.put(one());
        await Album.collection.insertMany([{ value: one() }, { ...held(one()), name: 'holder' }]);
        await Album.deleteOne({ name: { $exists: false } });
        expect(s.events.map(({ outcome, reason }) => [outcome, reason])).to.deep.equal([
          ['kept', 'still used'],
        ]);
        await Album.collection.insertMany([{ value: one() }, { ...held(other), name: 'next' }]);
        await Album.collection.deleteOne({ name: 'holder' });
        await Album.deleteOne({ name: { $exists: false } });
        expect(things.removed).to.deep.equal([keyOf(one())]);
      });
    }
  }
});
