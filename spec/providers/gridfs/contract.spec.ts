import { mongo } from 'mongoose';
import { providerContract } from '../../../lib/testing/index.js';
import { connect } from '../../support/database.js';
import { faulty, type Faults } from './faulty.js';
import { Photos, type ObjectId } from './photos.js';
import { CONTRACT_RUNS } from '../../support/counts.js';

for (const by of ['id', 'filename'] as const) {
  let photos: Photos;
  let faults: Faults;
  const ids = new Map<string, ObjectId>();

  providerContract(`gridfsProvider by ${by}`, {
    async create() {
      photos = new Photos(await connect());
      ids.clear();
      faults = {};
      return photos.provider({ by, connection: faulty(photos.connection, faults) });
    },
    async seed(_provider, label) {
      const before = by === 'id' ? ids.get(label) : undefined;
      if (before && (await photos.files({ _id: before })) > 0) await photos.bucket.delete(before);
      const id = await photos.put(label, 'content', before);
      ids.set(label, id);
      return spellings(id, label);
    },
    exists: async (_provider, label) => (await photos.files({ filename: label })) > 0,
    foreignValues: [
      '',
      null,
      1,
      { id: 'x', filename: '' },
      7n,
      new mongo.Binary(Buffer.alloc(16, 7), 4),
      mongo.Long.fromNumber(7),
      new mongo.Decimal128('7'),
      { id: new mongo.Binary(Buffer.alloc(12, 7)), filename: 7 },
      { bucketName: 'other', id: 'f'.repeat(24), filename: 'a' },
    ],
    fail: () => photos.connection.close(),
    hang: () => void (faults['photos.files find'] = () => ({ toArray: () => new Promise(() => undefined) })),
    listSize: 30,
    runs: CONTRACT_RUNS,
  });

  function spellings(id: unknown, filename: string): unknown[] {
    const file = { id, filename, bucketName: 'photos', contentType: 'image/png' };
    if (by === 'filename') return [filename, file];
    return [id, String(id), String(id).toUpperCase(), file, { id: String(id) }];
  }
}
