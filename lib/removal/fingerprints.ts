import type { Owner } from './owner.js';
import { asError, withTimeLimit } from './time-limit.js';

/** `null`: nothing there; `undefined`: the provider can't tell; an error: nobody knows, so the file is kept. */
export type Fingerprint = string | null | undefined | Error;

/** What is stored now, all looked at together within the time limit. Never rejects. */
export async function fingerprintsOf(owners: readonly Owner[], timeoutMs: number): Promise<Fingerprint[]> {
  if (!owners.some(({ provider }) => provider.fingerprint)) return owners.map(() => undefined);
  try {
    return await withTimeLimit('the look at the files', timeoutMs, () =>
      Promise.all(owners.map(fingerprintOf)),
    );
  } catch (thrown) {
    return owners.map(() => asError(thrown));
  }
}

async function fingerprintOf({ asset, provider }: Owner): Promise<Fingerprint> {
  try {
    return await provider.fingerprint?.(asset);
  } catch (thrown) {
    return asError(thrown);
  }
}
