import type { mongo } from 'mongoose';

const SIZES = [1_000, 100_000];
const CALLS = 300;
const FANOUT = 5;

interface Sample {
  name: string;
  call(collection: mongo.Collection, i: number): Promise<unknown>;
}

const SAMPLES: Sample[] = [
  { name: 'find by _id', call: (c, i) => c.findOne({ _id: i as never }) },
  { name: 'update by _id', call: (c, i) => c.updateOne({ _id: i as never }, { $inc: { n: 1 } }) },
  { name: 'find by index', call: (c, i) => c.findOne({ key: `key-${i}` }) },
  { name: 'update by index', call: (c, i) => c.updateOne({ key: `key-${i}` }, { $inc: { n: 1 } }) },
  { name: 'find by index, $in', call: (c, i) => c.find({ key: { $in: keysFrom(i) } }).toArray() },
  {
    name: 'update by index, $in',
    call: (c, i) => c.updateMany({ key: { $in: keysFrom(i) } }, { $inc: { n: 1 } }),
  },
];

function keysFrom(i: number): string[] {
  return Array.from({ length: FANOUT }, (_, k) => `key-${i + k}`);
}

/** What is looked up costs the same in a small and in a large collection; a scan would cost a hundred times as much. */
export async function measureSpeed(database: mongo.Db): Promise<void> {
  const times = new Map<string, number[]>();
  for (const size of SIZES) {
    const collection = database.collection(`speed_${size}`);
    const documents = Array.from({ length: size }, (_, i) => ({ _id: i as never, key: `key-${i}`, n: 0 }));
    await collection.insertMany(documents);
    await collection.createIndex({ key: 1 });
    for (const { name, call } of SAMPLES) {
      for (let k = 0; k < CALLS; k++) await call(collection, k);
      const started = performance.now();
      for (let k = 0; k < CALLS; k++) await call(collection, (k * 7919) % (size - FANOUT));
      const perCall = (performance.now() - started) / CALLS;
      times.set(name, [...(times.get(name) ?? []), perCall]);
    }
    await collection.drop();
  }
  console.log(
    `speed, ms per call on ${SIZES.map((size) => size.toLocaleString('en')).join(' and ')} documents:`,
  );
  for (const [name, perCall] of times) {
    console.log(`  ${name}: ${perCall.map((ms) => ms.toFixed(2)).join(' and ')}`);
  }
}
