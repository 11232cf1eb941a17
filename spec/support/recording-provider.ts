import type { Asset, RemovalOutcome, StorageProvider } from '../../lib/index.js';
import { memoryProvider } from '../../lib/testing/index.js';

export interface RecordingProvider extends StorageProvider {
  /** Keys that were there at the beginning and have left since, sorted. */
  gone(): string[];
  /** Every value that `identify` was asked about. */
  readonly identified: unknown[];
  /** Keys of each call of `remove`. */
  readonly calls: string[][];
  /** Puts a fault in the place of the next removals. */
  fail(how: (assets: readonly Asset[]) => Promise<RemovalOutcome[]>): void;
}

/**
 * A storage in memory that records what it is asked. Its values are plain names or objects with a `public_id`; of the
 * optional methods of a provider it has none.
 */
export function recordingProvider(...names: string[]): RecordingProvider {
  const files = Object.fromEntries(names.map((name) => [name, name]));
  const memory = memoryProvider({ name: 'recording', baseUrl: '/files', files });
  const identified: unknown[] = [];
  const calls: string[][] = [];
  let fault: ((assets: readonly Asset[]) => Promise<RemovalOutcome[]>) | undefined;
  return {
    name: memory.name,
    identified,
    calls,
    gone: () => names.filter((name) => !memory.has(name)).sort(),
    fail: (how) => {
      fault = how;
    },
    identify(value) {
      identified.push(value);
      return memory.identify(publicIdOf(value) ?? value);
    },
    forms: (asset) => ({ ...memory.forms(asset), objects: { public_id: [asset.key] } }),
    async remove(assets, options) {
      calls.push(assets.map(({ key }) => key));
      return fault ? fault(assets) : memory.remove(assets, options);
    },
  };
}

export function publicIdOf(value: unknown): unknown {
  return typeof value === 'object' ? (value as { public_id?: unknown } | null)?.public_id : undefined;
}
