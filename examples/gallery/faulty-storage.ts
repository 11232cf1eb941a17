// In your app: from 'mongoose-image-cleanup'.
import type { Asset, RemovalOutcome, StorageProvider } from '../../lib/index.js';

/** `busy`: the first two removals of each file fail (`EBUSY`); `denied`: every removal fails (`EACCES`). */
export const FAULTS = ['none', 'busy', 'denied'] as const;
export type Fault = (typeof FAULTS)[number];

/** A removal that failed because of the switch. */
export interface Refusal {
  readonly code: 'EBUSY' | 'EACCES';
  readonly asset: Asset;
  /** How many removals of this file have failed so far. */
  readonly times: number;
}

export interface FaultyStorage extends StorageProvider {
  fault: Fault;
}

const BUSY_TIMES = 2;

/**
 * A real storage with a switch that makes it fail, for the demo. When it is switched off, all calls go to the real
 * storage unchanged.
 */
export function faultyStorage(
  storage: StorageProvider,
  onRefusal: (refusal: Refusal) => void,
): FaultyStorage {
  const refused = new Map<string, number>();

  const refuse = (asset: Asset, code: Refusal['code'], retryable: boolean): RemovalOutcome => {
    const times = (refused.get(asset.key) ?? 0) + 1;
    refused.set(asset.key, times);
    onRefusal({ code, asset, times });
    const why = code === 'EBUSY' ? 'resource busy or locked' : 'permission denied';
    return { outcome: 'failed', error: Object.assign(new Error(`${code}: ${why}`), { code }), retryable };
  };

  return {
    ...storage,
    fault: 'none',
    async remove(assets, options) {
      return Promise.all(
        assets.map(async (asset) => {
          if (this.fault === 'denied') return refuse(asset, 'EACCES', false);
          if (this.fault === 'busy' && (refused.get(asset.key) ?? 0) < BUSY_TIMES) {
            return refuse(asset, 'EBUSY', true);
          }
          refused.delete(asset.key);
          const [outcome] = await storage.remove([asset], options);
          return outcome!;
        }),
      );
    },
  };
}
