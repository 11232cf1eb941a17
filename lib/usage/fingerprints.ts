import type { Reading } from './meaning.js';
import { asError, withTimeLimit } from '../shared/time-limit.js';

/** `null`: nothing is stored; `undefined`: the provider cannot tell; an error: it is not known, so the file is kept. */
export type Fingerprint = string | null | undefined | Error;

/** Whether a fingerprint is worth its call now, although nothing may have to wait. */
export function isSeenAtOnce({ provider }: Reading): boolean {
  return provider.fingerprintWhen !== 'waiting';
}

/**
 * The fingerprints of the wanted files, taken together within the time limit; `undefined` for the others. Never
 * rejects.
 */
export async function fingerprintsOf(
  readings: readonly Reading[],
  timeoutMs: number,
  isWanted: (reading: Reading) => boolean = () => true,
): Promise<Fingerprint[]> {
  if (!readings.some((one) => one.provider.fingerprint && isWanted(one)))
    return readings.map(() => undefined);
  try {
    return await withTimeLimit('looking at the files', timeoutMs, () =>
      Promise.all(readings.map((one) => (isWanted(one) ? fingerprintOf(one) : undefined))),
    );
  } catch (thrown) {
    return readings.map(() => asError(thrown));
  }
}

async function fingerprintOf({ asset, provider }: Reading): Promise<Fingerprint> {
  try {
    return await provider.fingerprint?.(asset);
  } catch (thrown) {
    return asError(thrown);
  }
}
