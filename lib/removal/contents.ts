import { fingerprintsOf } from '../usage/fingerprints.js';
import type { Reading } from '../usage/reading.js';
import type { DroppedFile } from './candidates.js';

/** Whether a look at the file at once is worth its call, although nothing may have to wait. */
export function isSeenAtOnce({ provider }: Reading): boolean {
  return provider.fingerprintWhen !== 'waiting';
}

/**
 * Notes which content is meant of files that wait for another try and were not looked at before. Where the storage does not
 * tell, nothing is known, and the question before that try decides alone. Never rejects.
 */
export async function noteContents(files: readonly DroppedFile[], timeoutMs: number): Promise<void> {
  const unseen = files.filter((file) => file.fingerprint === undefined && !isSeenAtOnce(file));
  const fingerprints = await fingerprintsOf(unseen, timeoutMs);
  unseen.forEach((file, index) => {
    const fingerprint = fingerprints[index];
    if (!(fingerprint instanceof Error)) file.fingerprint = fingerprint;
  });
}
