import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { DeleteObjectsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { Model } from 'mongoose';
import { imageCleanup } from '../lib/index.js';
import { s3Provider } from '../lib/providers/s3/index.js';
import { inTurn, median, timed } from './measure.js';
import type { Result } from './result.js';
import type { Order, Told } from './s3-server.js';
import type { Picture, Setting } from './setting.js';
import { withPlugin } from './ways.js';

const COUNT = 10_000;
const A_CALL = 1000;
const ROUNDS = 6;

/** Milliseconds of the processor, and calls of `DeleteObjects`, in the last round. */
interface Spent {
  processor: number[];
  calls: number;
}

/** `deleteMany` over documents whose images are in S3, against scripts of a cursor and `DeleteObjects`. */
export async function deleteManyInS3(setting: Setting): Promise<Result[]> {
  const server = await Server.start();
  const { client, bucket } = server;
  const plugged = await setting.model('InS3', (schema) => {
    const provider = s3Provider({ client, bucket });
    schema.plugin(imageCleanup, { fields: ['image'], provider, timeoutMs: 600_000 });
  });
  const compare = async (against: string, goal: string, way: typeof byHand): Promise<Result> => {
    const [ours, theirs] = [spending(), spending()];
    const pair = await inTurn(
      ROUNDS,
      () => run(plugged, { server, spent: ours, way: () => withPlugin(plugged) }),
      () => run(setting.plain, { server, spent: theirs, way: () => way(setting.plain, server) }),
    );
    return {
      what: `deleteMany over ${COUNT.toLocaleString('en')} documents with images in S3`,
      against,
      pair,
      goal,
      note: noteOf(ours, theirs),
    };
  };
  const results = [
    await compare('a script of a cursor and DeleteObjects', '≤ 1.3', byHand),
    await compare('the same script, which also asks who shares an image', 'shown', carefullyByHand),
  ];
  server.stop();
  plugged.db.deleteModel('InS3');
  return results;
}

const spending = (): Spent => ({ processor: [], calls: 0 });

interface Run {
  readonly server: Server;
  readonly spent: Spent;
  readonly way: () => Promise<unknown>;
}

async function run(model: Model<Picture>, { server, spent, way }: Run): Promise<number> {
  await prepare(model, server);
  const before = process.cpuUsage();
  const ms = await timed(way);
  const { user, system } = process.cpuUsage(before);
  spent.processor.push((user + system) / 1000);
  spent.calls = await server.callsUntilEmpty();
  return ms;
}

/** The first round is the warm-up. */
function noteOf(ours: Spent, theirs: Spent): string {
  const [a, b] = [ours, theirs].map(({ processor }) => median(processor.slice(1)));
  const times = `${a!.toFixed(0)} ms of the processor against ${b!.toFixed(0)}: ${(a! / b!).toFixed(2)}`;
  return `${times}; ${String(ours.calls)} calls of DeleteObjects against ${String(theirs.calls)}`;
}

async function prepare(model: Model<Picture>, server: Server): Promise<void> {
  await server.order({ fill: 'd', count: COUNT });
  const documents = Array.from({ length: COUNT }, (_, index) => ({
    image: server.locationOf(`d${String(index)}.png`),
  }));
  await model.collection.insertMany(documents);
}

/** Nobody else uses an image. Its key is the path of its location. */
async function byHand(plain: Model<Picture>, server: Server): Promise<void> {
  const images = await readImages(plain);
  await plain.deleteMany({});
  for (let start = 0; start < images.length; start += A_CALL) {
    await deleteObjects(images.slice(start, start + A_CALL), server);
  }
}

/** Asks by one spelling, in the moment before, which images another document has. */
async function carefullyByHand(plain: Model<Picture>, server: Server): Promise<void> {
  const images = await readImages(plain);
  await plain.deleteMany({});
  for (let start = 0; start < images.length; start += A_CALL) {
    const batch = images.slice(start, start + A_CALL);
    const found = await plain
      .find({ image: { $in: batch } })
      .select('image')
      .lean();
    const used = new Set(found.map(({ image }) => image));
    await deleteObjects(
      batch.filter((image) => !used.has(image)),
      server,
    );
  }
}

async function readImages(plain: Model<Picture>): Promise<string[]> {
  const images: string[] = [];
  for await (const { image } of plain.find({}).select('image').lean().cursor({ batchSize: 1000 })) {
    if (image) images.push(image);
  }
  return images;
}

async function deleteObjects(images: readonly string[], { client, bucket }: Server): Promise<void> {
  const Objects = images.map((image) => ({
    Key: decodeURIComponent(new URL(image).pathname.slice(bucket.length + 2)),
  }));
  const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
  const { Errors = [] } = await client.send(command);
  if (Errors.length > 0) throw new Error(`${String(Errors.length)} objects were not deleted`);
}

/** The process of the server, and a client of it. */
class Server {
  private constructor(
    readonly child: ChildProcess,
    readonly client: S3Client,
    readonly endpoint: string,
    readonly bucket: string,
  ) {}

  static async start(): Promise<Server> {
    const child = fork(path.join(__dirname, 's3-server.ts'), { execArgv: ['-r', 'ts-node/register'] });
    const [told] = (await once(child, 'message')) as [Told];
    if (!('endpoint' in told)) throw new Error('the S3 did not start');
    const { endpoint, region, credentials, bucket } = told;
    const config = { endpoint, region, credentials, forcePathStyle: true } as S3ClientConfig;
    return new Server(child, new S3Client(config), endpoint, bucket);
  }

  locationOf(key: string): string {
    return `${this.endpoint}/${this.bucket}/${key}`;
  }

  async order(order: Order): Promise<{ calls: number; left: number }> {
    const answer = once(this.child, 'message');
    this.child.send(order);
    const [told] = (await answer) as [Told];
    if (!('calls' in told)) throw new Error('the S3 answered something else');
    return told;
  }

  /** How many calls of `DeleteObjects` there were since the bucket was filled. It must be empty now. */
  async callsUntilEmpty(): Promise<number> {
    const { calls, left } = await this.order({ fill: '', count: 0 });
    if (left > 0) throw new Error(`${String(left)} objects are still there`);
    return calls;
  }

  stop(): void {
    this.client.destroy();
    this.child.disconnect();
  }
}
