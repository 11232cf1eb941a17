import { fingerprintsOf } from '../usage/fingerprints.js';
import type { Reading } from '../usage/reading.js';
import type { DroppedFile } from './candidates.js';

/** Whether a fingerprint is worth its call now, although nothing may have to wait. */
export function isSeenAtOnce({ provider }: Reading): boolean {
  return provider.fingerprintWhen !== 'waiting';
}

/**
 * Records the content of files that wait for another attempt and have no fingerprint yet. If the storage cannot tell,
 * only the question before that attempt decides. Never rejects.
 */
export async function noteContents(files: readonly DroppedFile[], timeoutMs: number): Promise<void> {
  const unseen = files.filter((file) => file.fingerprint === undefined && !isSeenAtOnce(file));
  const fingerprints = await fingerprintsOf(unseen, timeoutMs);
  unseen.forEach((file, index) => {
    const fingerprint = fingerprints[index];
    if (!(fingerprint instanceof Error)) file.fingerprint = fingerprint;
  });
}
