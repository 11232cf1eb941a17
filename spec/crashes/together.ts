import { outputOf } from '../support/child.js';
import { Shore } from './shore.js';

/** Two processes write to the same documents and the same folder; resolves with what is lost and what became an orphan. */
export async function writeTogether(
  uri: string,
  seed: number,
  writes: number,
): Promise<{ lost: string[]; orphans: number; used: number }> {
  const shore = await Shore.open(uri);
  try {
    await Promise.all([shore.writer(seed, writes), shore.writer(seed + 1, writes)].map(outputOf));
    const { lost, orphans, used } = await shore.look();
    return { lost, orphans: orphans.length, used };
  } finally {
    await shore.close();
  }
}
