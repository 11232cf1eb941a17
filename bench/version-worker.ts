import { writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type Mongoose from 'mongoose';
import { withDatabase } from '../spec/support/mongodb/uri.js';

const [library = '', what = '', uri = ''] = process.argv.slice(2);

interface Library {
  imageCleanup: unknown;
  localProvider: (options: object) => unknown;
}

const WARM_UP = 300;
const COUNT = 1000;
const MANY = 10_000;

async function main(): Promise<void> {
  const load = createRequire(library);
  // the other checkout's own Mongoose, where it has one
  const mongoose = load('mongoose') as typeof Mongoose;
  const { imageCleanup, localProvider } = load(library) as Library;
  await mongoose.connect(withDatabase(uri, `versions_${String(process.pid)}`));
  const root = await mkdtemp(path.join(tmpdir(), 'versions-'));
  const schema = new mongoose.Schema({ image: { type: String, index: true } });
  const logger = { warn: () => undefined, error: () => undefined };
  const provider = localProvider({ root, hosts: ['example.com'] });
  const options = { fields: ['image'], provider, logger };
  // the way of a collection above the limit of mentions, which an older library takes for every collection
  const isAboveLimit = what === 'delete-many' && hasLimit();
  schema.plugin(imageCleanup as never, { ...options, ...(isAboveLimit && { mentionsUpTo: 0 }) } as never);
  const Picture = mongoose.model('Picture', schema);
  await Picture.init();
  const fill = (name: string): string => {
    writeFileSync(path.join(root, name), 'x');
    return name;
  };
  const cost = what === 'delete-many' ? await many() : await single();
  await mongoose.connection.dropDatabase();
  await mongoose.disconnect();
  await rm(root, { recursive: true });
  process.send!(cost);

  function hasLimit(): boolean {
    try {
      new mongoose.Schema({ image: String }).plugin(
        imageCleanup as never,
        { ...options, mentionsUpTo: 0 } as never,
      );
      return true;
    } catch {
      return false;
    }
  }

  async function single(): Promise<number> {
    const { _id } = await Picture.create({ image: fill('0.png') });
    let start = process.cpuUsage();
    for (let turn = 1; turn <= WARM_UP + COUNT; turn++) {
      const name = fill(`${String(turn)}.png`);
      if (turn === WARM_UP + 1) start = process.cpuUsage();
      if (what === 'replace') await Picture.updateOne({ _id }, { image: name });
      else {
        await Picture.collection.insertOne({ image: name } as never);
        await Picture.deleteOne({ image: name });
      }
    }
    return used(start) / COUNT;
  }

  async function many(): Promise<number> {
    let start = process.cpuUsage();
    for (let turn = 0; turn < 3; turn++) {
      const names = Array.from({ length: MANY }, (_, index) => fill(`m${String(index)}.png`));
      await Picture.collection.insertMany(names.map((image) => ({ image })) as never);
      start = process.cpuUsage();
      await Picture.deleteMany({ image: /^m/ });
    }
    return used(start);
  }
}

function used(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

void main();
