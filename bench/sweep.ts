import { execFileSync, fork, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import mongoose, { Schema } from 'mongoose';
import { imageCleanup, localProvider, sweep } from '../lib/index.js';
import { build } from './build.js';

/**
 * A sweep of many files against many documents, beside what it cannot do without: `find … | wc -l` and one scan of the
 * index on the field. MongoDB runs in a process of its own, and each measured thing too.
 *
 *     npx ts-node bench/sweep.ts [--files 1000000] [--documents 1000000] [--orphans 1000]
 */
const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '1000000' },
    documents: { type: 'string' },
    orphans: { type: 'string', default: '1000' },
    part: { type: 'string' },
    uri: { type: 'string' },
    root: { type: 'string' },
  },
});
const files = Number(values.files);
const orphans = Number(values.orphans);
const documents = Number(values.documents ?? values.files);

const nameOf = (index: number): string => {
  const hex = index.toString(16).padStart(8, '0');
  return `${String(index % 100)}/${hex}-5d1c-4b6e-9f3a-${hex}c0de.png`;
};

async function main(): Promise<void> {
  const built = build();
  const server = process.env['MONGODB_URI'] === undefined ? await startServer() : undefined;
  const uri = server?.uri ?? process.env['MONGODB_URI']!;
  const root = fs.mkdtempSync(path.join(os.tmpdir(), 'image-cleanup-bench-'));
  try {
    console.log(`${server?.description ?? 'MongoDB: the server of MONGODB_URI'}; Node ${process.version}`);
    console.log(`${String(files)} files (${String(orphans)} orphans), ${String(documents)} documents`);
    await fill(uri, root);
    const started = performance.now();
    execFileSync('sh', ['-c', `find "${root}" -type f | wc -l`]);
    const find = performance.now() - started;
    console.log(`find | wc -l    ${seconds(find)}`);
    const scan = await measured('scan', uri, root, built);
    console.log(`index scan      ${seconds(scan.ms)}, processor ${seconds(scan.cpu)}`);
    const swept = await measured('sweep', uri, root, built);
    console.log(
      `sweep           ${seconds(swept.ms)}, processor ${seconds(swept.cpu)}, peak ${String(swept.peak)} MB`,
    );
    console.log(`  ${JSON.stringify(swept.stages)}`);
    console.log(`ratio           ${(swept.ms / (find + scan.ms)).toFixed(2)}`);
    process.send?.({ find, scan: scan.ms, sweep: swept.ms, peak: swept.peak } satisfies Swept);
  } finally {
    fs.rmSync(root, { recursive: true, force: true });
    await server?.stop();
  }
}

async function startServer(): Promise<{ uri: string; description: string; stop(): Promise<void> }> {
  const serve = path.join(__dirname, '../spec/support/mongodb/serve.ts');
  const child = spawn(process.execPath, ['--max-old-space-size=8000', '-r', 'ts-node/register', serve], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let told = '';
  while (!/mongodb:\/\/\S+\n/.test(told)) told += String((await once(child.stdout, 'data'))[0]);
  return {
    uri: /mongodb:\/\/\S+/.exec(told)![0],
    description: `${told.split('\n')[0]!}, in process ${String(child.pid)}`,
    async stop() {
      child.kill('SIGTERM');
      await once(child, 'exit');
    },
  };
}

async function fill(uri: string, root: string): Promise<void> {
  for (let folder = 0; folder < 100; folder++) fs.mkdirSync(path.join(root, String(folder)));
  for (let index = 0; index < files; index++) fs.writeFileSync(path.join(root, nameOf(index)), '');
  await mongoose.connect(uri);
  const Photo = model(root);
  await Photo.init();
  for (let start = 0; start < documents; start += 10_000) {
    const batch = Array.from({ length: Math.min(10_000, documents - start) }, (_, i) => ({
      // the last files are the orphans
      image: `/uploads/${nameOf((start + i) % (files - orphans))}`,
    }));
    await Photo.collection.insertMany(batch);
  }
  await mongoose.disconnect();
}

function model(root: string) {
  const schema = new Schema({ image: { type: String, index: true } });
  schema.plugin(imageCleanup, { fields: ['image'], provider: localProvider({ root }) });
  return mongoose.model('Photo', schema);
}

/** What a process that started this one gets: milliseconds, and megabytes. */
export interface Swept {
  readonly find: number;
  readonly scan: number;
  readonly sweep: number;
  readonly peak: number;
}

interface Measured {
  ms: number;
  cpu: number;
  peak: number;
  stages: Record<string, string>;
}

async function measured(part: string, uri: string, root: string, built: string): Promise<Measured> {
  const args = [
    '--part',
    part,
    '--uri',
    uri,
    '--root',
    root,
    '--files',
    String(files),
    '--orphans',
    String(orphans),
  ];
  const child = fork(path.join(built, 'bench/sweep.js'), args, { execArgv: [] });
  const [result] = (await once(child, 'message')) as [Measured];
  return result;
}

async function measure(part: string, uri: string, root: string): Promise<void> {
  await mongoose.connect(uri, { autoIndex: false, autoCreate: false });
  const Photo = model(root);
  const started = performance.now();
  const before = process.cpuUsage();
  const stages: Record<string, string> = {};
  const base = Math.round(process.memoryUsage.rss() / 1048576);
  stages['rss at start'] = `${String(base)} MB`;
  if (part === 'scan') {
    const projection = { _id: 0, image: 1 };
    const cursor = Photo.collection.find({}, { projection, hint: { image: 1 }, batchSize: 2000 });
    let count = 0;
    for await (const _ of cursor) count++;
    stages['documents'] = String(count);
  } else {
    let last = '';
    let since = started;
    const report = await sweep({
      models: [Photo],
      olderThan: 0,
      onProgress: ({ stage }) => {
        const now = performance.now();
        if (stage !== last) since = now;
        last = stage;
        stages[stage] = seconds(now - since);
      },
    });
    if (report.counts.orphans !== orphans)
      throw new Error(`found ${JSON.stringify(report.counts)} ${JSON.stringify(report.refusals)}`);
    stages['mode'] = report.mode;
  }
  const ms = performance.now() - started;
  const { user, system } = process.cpuUsage(before);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  process.send!({ ms, cpu: (user + system) / 1000, peak, stages } satisfies Measured);
  await mongoose.disconnect();
  process.disconnect();
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

void (values.part === undefined ? main() : measure(values.part, values.uri!, values.root!));
