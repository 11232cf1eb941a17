import { shown } from '../shared/option-rules.js';
import { asError } from '../shared/time-limit.js';
import { isId } from './memory-values.js';
import type { DroppedAsset, RemovalOutcome, StoredAsset } from './provider.js';

/** The outcome of a removal that is made to fail. */
export interface MemoryFault {
  /** The error. Default: `Error('memory: the removal failed')`. */
  readonly error?: Error;
  /** Whether another attempt may succeed. Default: true. */
  readonly retryable?: boolean;
  /** The time before which another attempt makes no sense. Default: none. */
  readonly retryAt?: Date;
}

/** One call of `remove`: the ids that were asked for, and the outcome of each once the call is answered. */
export interface MemoryCall {
  /** The ids that were asked for, in order. */
  readonly ids: readonly string[];
  /** The outcome of each id; `null` until the call is answered. */
  readonly outcomes: readonly RemovalOutcome[] | null;
}

type Fault = { readonly kind: 'fail' | 'halve' | 'hang' } & MemoryFault;

interface MemoryFile {
  readonly content: string;
  /** Differs for each write. */
  readonly fingerprint: string;
  readonly modifiedAt: Date;
}

/** The files of a storage in memory, the faults that are to happen, and the calls so far. */
export class MemoryFiles {
  readonly calls: MemoryCall[] = [];
  /** How long each call of `remove` is delayed. */
  delayMs = 0;
  readonly #now: () => Date;
  readonly #files = new Map<string, MemoryFile>();
  #faults: Fault[] = [];
  #writes = 0;

  constructor(now: () => Date) {
    this.#now = now;
  }

  get contents(): ReadonlyMap<string, string> {
    return new Map([...this.#files].map(([id, { content }]) => [id, content]));
  }

  /** @throws TypeError if it is not an id. */
  put(id: string, content: string): void {
    if (!isId(id))
      throw new TypeError(
        `memoryProvider: ${shown(id)} is not an id; allowed: names of A-Z a-z 0-9 _ - . separated by /`,
      );
    this.#files.set(id, { content, fingerprint: String(++this.#writes), modifiedAt: this.#now() });
  }

  has(id: string): boolean {
    return this.#files.has(id);
  }

  fingerprint(id: string): string | null {
    return this.#files.get(id)?.fingerprint ?? null;
  }

  /** Makes the next calls of `remove` go wrong in this way. */
  arm(kind: Fault['kind'], count: number, fault: MemoryFault = {}): void {
    for (let i = 0; i < count; i++) this.#faults.push({ ...fault, kind });
  }

  reset(): void {
    this.#faults = [];
    this.delayMs = 0;
    this.calls.length = 0;
  }

  async remove(assets: readonly DroppedAsset[], signal: AbortSignal): Promise<RemovalOutcome[]> {
    const ids = assets.map(({ key }) => key);
    const at = this.calls.push({ ids, outcomes: null }) - 1;
    const outcomes = await this.#answer(assets, signal);
    this.calls[at] = { ids, outcomes };
    return outcomes;
  }

  async #answer(assets: readonly DroppedAsset[], signal: AbortSignal): Promise<RemovalOutcome[]> {
    const fault = this.#faults.shift();
    if (fault?.kind === 'hang') await abortOf(signal);
    if (this.delayMs > 0) await wait(this.delayMs, signal);
    if (signal.aborted) return assets.map(() => failed({ error: asError(signal.reason) }));
    if (fault?.kind === 'fail') return assets.map(() => failed(fault));
    const whole = fault?.kind === 'halve' ? Math.ceil(assets.length / 2) : assets.length;
    return assets.map((asset, i) => (i < whole ? this.#removeOne(asset) : failed(fault!)));
  }

  #removeOne({ key, expected }: DroppedAsset): RemovalOutcome {
    if (!this.#files.has(key)) return { outcome: 'missing' };
    if (expected !== undefined && expected !== this.fingerprint(key))
      return { outcome: 'kept', reason: 'changed' };
    this.#files.delete(key);
    return { outcome: 'removed' };
  }

  /** Iterates over a copy of the ids: writes during the listing neither hide nor repeat what was there. */
  *list(provider: string, prefix: string): Generator<StoredAsset> {
    for (const id of [...this.#files.keys()].filter((one) => one.startsWith(prefix))) {
      const file = this.#files.get(id);
      if (!file) continue;
      yield { asset: { provider, key: id }, size: file.content.length, modifiedAt: file.modifiedAt };
    }
  }
}

function failed({
  error = new Error('memory: the removal failed'),
  retryable = true,
  retryAt,
}: MemoryFault): RemovalOutcome {
  return { outcome: 'failed', error, retryable, ...(retryAt && { retryAt }) };
}

function abortOf(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

async function wait(milliseconds: number, signal: AbortSignal): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const passed = new Promise<void>((resolve) => (timer = setTimeout(resolve, milliseconds)));
  await Promise.race([passed, abortOf(signal)]);
  clearTimeout(timer);
}
