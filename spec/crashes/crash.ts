import { once } from 'node:events';
import { randomFrom } from './random.js';
import { Survivors } from './survivors.js';

export interface CrashReport {
  readonly lost: string[];
  readonly orphans: number;
  /** How many files had come or gone, at least, when the writer was killed. */
  readonly changes: number;
}

/** Starts a writer, kills it at a random instant after it has come to work, and looks at what is left. */
export async function crash(uri: string, seed: number): Promise<CrashReport> {
  const random = randomFrom(seed);
  const survivors = await Survivors.open(uri);
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
    const { lost, orphans } = await survivors.look();
    return { lost, orphans: orphans.length, changes: wanted };
  } finally {
    await survivors.close();
  }
}
