import { outputOf } from '../support/child.js';
import { Survivors } from './survivors.js';

/** Two processes write to the same documents and the same folder; resolves with what is lost and what became an orphan. */
export async function writeTogether(
  uri: string,
  seed: number,
  writes: number,
): Promise<{ lost: string[]; orphans: number; used: number }> {
  const survivors = await Survivors.open(uri);
  try {
    await Promise.all([survivors.writer(seed, writes), survivors.writer(seed + 1, writes)].map(outputOf));
    const { lost, orphans, used } = await survivors.look();
    return { lost, orphans: orphans.length, used };
  } finally {
    await survivors.close();
  }
}
