import { spawn, type ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { mkdtemp, mkdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import mongoose, { Schema, type Model } from 'mongoose';
import { imageCleanup, localProvider } from '../lib/index.js';
import { withDatabase } from '../spec/support/mongodb/uri.js';

export interface Picture {
  title?: string;
  image?: string;
}

/** A MongoDB in a process of its own, an uploads folder, and one model without and one with the plugin. */
export interface Setting {
  readonly mongodb: string;
  readonly uri: string;
  readonly database: string;
  readonly root: string;
  readonly plain: Model<Picture>;
  readonly plugged: Model<Picture>;
  /** A model with hooks of the user's own. */
  model(name: string, prepare: (schema: Schema<Picture>) => void): Promise<Model<Picture>>;
  /** Writes files `<prefix>0.png` … into the folder. */
  fill(prefix: string, count: number): string[];
  /** Milliseconds that every command to MongoDB takes longer from now on. */
  delay(ms: number): Promise<void>;
  stop(): Promise<void>;
}

const DELAYED = ['find', 'insert', 'update', 'delete', 'findAndModify', 'getMore', 'aggregate'];

export async function setUp(): Promise<Setting> {
  const { server, uri, description } = await startServer();
  const database = `bench_${String(process.pid)}`;
  await mongoose.connect(withDatabase(uri, database));
  const folder = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const root = path.join(folder, 'uploads');
  await mkdir(root);
  return {
    mongodb: description,
    uri,
    database,
    root,
    model: modelOf,
    plain: await plainModel(),
    plugged: await pluggedModel(root),
    fill(prefix, count) {
      const names = Array.from({ length: count }, (_, index) => `${prefix}${String(index)}.png`);
      // one after the other: threads that write into one folder wait for its lock and burn time
      for (const name of names) writeFileSync(path.join(root, name), 'x');
      return names;
    },
    async delay(ms) {
      await mongoose.connection.db!.admin().command({
        configureFailPoint: 'failCommand',
        mode: ms === 0 ? 'off' : 'alwaysOn',
        data: { failCommands: DELAYED, blockConnection: true, blockTimeMS: ms },
      });
    },
    async stop() {
      await mongoose.disconnect();
      server?.kill('SIGINT');
      await rm(folder, { recursive: true });
    },
  };
}

export function plainModel(): Promise<Model<Picture>> {
  return modelOf('Plain', () => undefined);
}

export function pluggedModel(root: string): Promise<Model<Picture>> {
  return modelOf('Plugged', (schema) => {
    const provider = localProvider({ root });
    schema.plugin(imageCleanup, { fields: ['image'], provider, timeoutMs: 600_000 });
  });
}

/** Documents whose images are these files, past every hook. */
export async function insertPictures(model: Model<Picture>, names: readonly string[]): Promise<void> {
  for (let start = 0; start < names.length; start += 10_000) {
    const documents = names.slice(start, start + 10_000).map((name) => ({ image: `/uploads/${name}` }));
    await model.collection.insertMany(documents);
  }
}

async function modelOf(name: string, prepare: (schema: Schema<Picture>) => void): Promise<Model<Picture>> {
  const schema = new Schema<Picture>({ title: String, image: { type: String, index: true } });
  prepare(schema);
  const made = mongoose.model(name, schema) as unknown as Model<Picture>;
  await made.init();
  return made;
}

async function startServer(): Promise<{
  server: ChildProcess | undefined;
  uri: string;
  description: string;
}> {
  const given = process.env['MONGODB_URI'];
  if (given) return { server: undefined, uri: given, description: 'the server of MONGODB_URI' };
  const script = path.join(__dirname, '../spec/support/mongodb/serve.ts');
  const server = spawn(process.execPath, ['-r', 'ts-node/register', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let description = '';
  for await (const line of createInterface({ input: server.stdout })) {
    const uri = /mongodb:\/\/\S+/.exec(line)?.[0];
    if (uri) return { server, uri, description: description || line };
    description = line;
  }
  throw new Error('MongoDB did not start');
}
