import { once } from 'node:events';
import { randomFrom } from './random.js';
import { Survivors } from './survivors.js';

export interface CrashReport {
  readonly lost: string[];
  readonly orphans: number;
  /** How many files had come or gone, at least, when the writer was killed. */
  readonly changes: number;
}

async function killedWorker(survivors: Survivors, afterMs: number): Promise<void> {
  const worker = survivors.worker();
  const ended = once(worker, 'exit');
  await survivors.changes(1, worker, 2000);
  await new Promise((resolve) => setTimeout(resolve, afterMs));
  worker.kill('SIGKILL');
  await ended;
}

/** Starts a writer, kills it at a random instant after it has come to work, and looks at what is left. */
export async function crash(uri: string, seed: number, hasJournal = false): Promise<CrashReport> {
  const random = randomFrom(seed);
  const survivors = await Survivors.open(uri, hasJournal);
  try {
    const writer = survivors.writer(seed);
    const ended = once(writer, 'exit') as Promise<[number | null, string | null]>;
    const wanted = 1 + Math.floor(random() * 60);
    await survivors.changes(wanted, writer);
    // any instant, not always right after an upload
    await new Promise((resolve) => setTimeout(resolve, random() * 20));
    writer.kill('SIGKILL');
    const [, signal] = await ended;
    if (signal !== 'SIGKILL') throw new Error('the writer ended by itself');
    if (hasJournal) {
      await survivors.letTimePass();
      // one that is killed at its work now and then, and one that comes to an end
      if (seed % 3 === 0) await killedWorker(survivors, random() * 300);
      await survivors.drain();
    }
    const { lost, orphans } = await survivors.look();
    return { lost, orphans: orphans.length, changes: wanted };
  } finally {
    await survivors.close();
  }
}
