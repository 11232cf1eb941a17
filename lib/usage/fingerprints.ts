import type { Reading } from './reading.js';
import { asError, withTimeLimit } from '../shared/time-limit.js';

/** `null`: nothing there; `undefined`: the provider can't tell; an error: nobody knows, so the file is kept. */
export type Fingerprint = string | null | undefined | Error;

/** What is stored now, all looked at together within the time limit. Never rejects. */
export async function fingerprintsOf(
  readings: readonly Reading[],
  timeoutMs: number,
): Promise<Fingerprint[]> {
  if (!readings.some(({ provider }) => provider.fingerprint)) return readings.map(() => undefined);
  try {
    return await withTimeLimit('the look at the files', timeoutMs, () =>
      Promise.all(readings.map(fingerprintOf)),
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
