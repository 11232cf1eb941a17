import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { DeleteObjectsCommand, S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { Model } from 'mongoose';
import { imageCleanup } from '../lib/index.js';
import { s3Provider } from '../lib/providers/s3/index.js';
import { inTurn, timed } from './measure.js';
import type { Result } from './result.js';
import type { Order, Told } from './s3-server.js';
import type { Picture, Setting } from './setting.js';
import { withPlugin } from './ways.js';

const COUNT = 10_000;
const A_CALL = 1000;

/** `deleteMany` over documents whose images are in S3, against a script of a cursor and `DeleteObjects`. */
export async function deleteManyInS3(setting: Setting): Promise<Result[]> {
  const server = await Server.start();
  const { client, bucket } = server;
  const plugged = await setting.model('InS3', (schema) => {
    const provider = s3Provider({ client, bucket });
    schema.plugin(imageCleanup, { fields: ['image'], provider, timeoutMs: 600_000 });
  });
  const calls = { ours: 0, theirs: 0 };
  const run = (who: keyof typeof calls, model: Model<Picture>, way: () => Promise<unknown>) => async () => {
    await prepare(model, server);
    const ms = await timed(way);
    calls[who] = await server.callsUntilEmpty();
    return ms;
  };
  const pair = await inTurn(
    4,
    run('ours', plugged, () => withPlugin(plugged)),
    run('theirs', setting.plain, () => byHand(setting.plain, server)),
  );
  server.stop();
  plugged.db.deleteModel('InS3');
  return [
    {
      what: `deleteMany over ${COUNT.toLocaleString('en')} documents with images in S3`,
      against: 'a script of a cursor and DeleteObjects',
      pair,
      goal: '≤ 1.3',
      note: `${String(calls.ours)} calls of DeleteObjects against ${String(calls.theirs)}`,
    },
  ];
}

async function prepare(model: Model<Picture>, server: Server): Promise<void> {
  await server.order({ fill: 'd', count: COUNT });
  const documents = Array.from({ length: COUNT }, (_, index) => ({
    image: server.locationOf(`d${String(index)}.png`),
  }));
  await model.collection.insertMany(documents);
}

/** Nobody else uses an image. Its key is the path of its location. */
async function byHand(plain: Model<Picture>, { client, bucket }: Server): Promise<void> {
  const keys: string[] = [];
  for await (const { image } of plain.find({}).select('image').lean().cursor({ batchSize: 1000 })) {
    if (image) keys.push(decodeURIComponent(new URL(image).pathname.slice(bucket.length + 2)));
  }
  await plain.deleteMany({});
  for (let start = 0; start < keys.length; start += A_CALL) {
    const Objects = keys.slice(start, start + A_CALL).map((Key) => ({ Key }));
    const command = new DeleteObjectsCommand({ Bucket: bucket, Delete: { Objects, Quiet: true } });
    const { Errors = [] } = await client.send(command);
    if (Errors.length > 0) throw new Error(`${String(Errors.length)} objects were not deleted`);
  }
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
