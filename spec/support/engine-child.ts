import mongoose from 'mongoose';
import { once } from 'node:events';
import { agendaWorker } from '../../lib/engines/agenda/index.js';
import { bullmqWorker } from '../../lib/engines/bullmq/index.js';
import { albumOn } from './due-files.js';

/** What the process of a worker is told on its command line, as JSON. */
export interface EngineTask {
  readonly uri: string;
  readonly root: string;
  readonly redis?: { host: string; port: number; queue: string };
  /** It stops for good in the middle of the removal after so many. */
  readonly haltAfter: number;
}

/** A process that delivers until it is killed. Says `halted` when it holds a removal that never ends. */
async function main({ uri, root, redis, haltAfter }: EngineTask): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise();
  let removals = 0;
  const hold = async (): Promise<void> => {
    if (++removals <= haltAfter) return;
    process.stdout.write('halted\n');
    await once(process, 'never' as never);
  };
  albumOn(connection, { root, hold });
  if (redis) {
    const { Queue } = await import('bullmq');
    const { host, port } = redis;
    const queue = new Queue(redis.queue, { connection: { host, port } });
    bullmqWorker(queue, connection, { every: 200, worker: { lockDuration: 1000, stalledInterval: 500 } });
  } else {
    const { agendaOn } = await import('./agenda.js');
    agendaWorker(await agendaOn(connection), connection, { every: 200, lockLifetime: 1000 });
  }
  setInterval(() => undefined, 1000);
}

main(JSON.parse(process.argv[2]!) as EngineTask).catch((error: unknown) => {
  console.error(error);
  // the open connection would keep it alive
  process.exit(1);
});
