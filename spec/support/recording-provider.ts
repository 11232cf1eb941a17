import type { Asset, RemovalOutcome, StorageProvider } from '../../lib/index.js';

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

/** A provider in memory, whose values are short names or objects with a `public_id`. */
export function recordingProvider(...names: string[]): RecordingProvider {
  const files = new Set(names);
  const identified: unknown[] = [];
  const calls: string[][] = [];
  let fault: ((assets: readonly Asset[]) => Promise<RemovalOutcome[]>) | undefined;
  const nameOf = (value: unknown): string | undefined => {
    const name: unknown =
      typeof value === 'object' ? (value as { public_id?: unknown } | null)?.public_id : value;
    return typeof name === 'string' ? name : undefined;
  };
  return {
    name: 'recording',
    identified,
    calls,
    gone: () => names.filter((name) => !files.has(name)).sort(),
    fail: (how) => {
      fault = how;
    },
    identify(value) {
      identified.push(value);
      const name = nameOf(value);
      return name === undefined ? null : { provider: 'recording', key: name };
    },
    forms: ({ key }) => ({ equal: [key], objects: { public_id: [key] } }),
    async remove(assets) {
      calls.push(assets.map(({ key }) => key));
      if (fault) return fault(assets);
      return assets.map(({ key }) => ({ outcome: files.delete(key) ? 'removed' : 'missing' }));
    },
  };
}
