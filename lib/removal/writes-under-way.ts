import type { StoredValue } from './candidates.js';
import { WriteUnderWay, type Beginning } from './write-under-way.js';

/**
 * How many of its own values a write asks about because other writes overlapped it. Otherwise, an import would ask
 * about everything that it stored.
 */
const MOST_OWN = 1000;
/** Longer than every write. A session that was dropped without an end is forgotten then. */
const LONGEST_MS = 600_000;

/** The writes that were under way at some time since a question was asked, including those that are over now. */
interface Watch {
  /** A write that is about to store this file, or that stored it when the question may already have read its document. */
  thatStores(identity: string): WriteUnderWay | undefined;
  end(): void;
}

const REGISTER = Symbol.for('mongoose-image-cleanup:writes-under-way:2');

/**
 * The writes of this process that overlap each other. If two writes replace a value at the same time, both look up the
 * same original, and neither look-up sees what the first of them stores. So when a write is acknowledged, it also
 * releases the values that it and the overlapping acknowledged writes have stored; the question decides as always
 * whether a document uses them.
 *
 * A value is released only after its write is acknowledged, since no document has it before. A file that such a write
 * is about to store is not removed before the write is over. If a write was acknowledged while the question was asked,
 * the question may have come too early for it, and is asked again.
 */
export class WritesUnderWay {
  readonly #open = new Set<WriteUnderWay>();
  readonly #watched = new Set<Set<WriteUnderWay>>();

  /** One for all copies of this package in the process. */
  static get register(): WritesUnderWay {
    const home = globalThis as { [REGISTER]?: WritesUnderWay };
    return (home[REGISTER] ??= new WritesUnderWay());
  }

  begin(beginning: Beginning): WriteUnderWay {
    this.#forgetOld();
    const write = new WriteUnderWay(beginning);
    for (const other of this.#open) {
      if (!write.mayMeet(other)) continue;
      write.hasOverlapped = true;
      other.hasOverlapped = true;
    }
    this.#open.add(write);
    for (const seen of this.#watched) seen.add(write);
    return write;
  }

  /**
   * To be awaited before the write is sent: it may take a document away from the writes that it overlaps, and they from
   * it.
   */
  async lookFurther(write: WriteUnderWay): Promise<void> {
    if (!write.hasOverlapped) return;
    const met = [...this.#open].filter((other) => other.mayMeet(write));
    await Promise.all([write.lookFurther(met.length), ...met.map((one) => one.lookFurther(1))]);
  }

  /** Called when the write is acknowledged and has stored these values. Returns the values that it may have replaced. */
  acknowledge(write: WriteUnderWay, stored: readonly StoredValue[]): readonly StoredValue[] {
    this.end(write);
    if (!write.hasOverlapped) return [];
    for (const other of this.#open) if (other.mayMeet(write)) other.noteStored(stored);
    return [...write.storedByOthers, ...stored.slice(0, MOST_OWN)];
  }

  /** Called when the write failed, or its transaction was aborted: it has stored nothing, or nothing that is known. */
  end(write: WriteUnderWay): void {
    if (this.#open.delete(write)) write.end();
  }

  /** To be called before a question, and ended after its answer was used. */
  watch(): Watch {
    const seen = new Set(this.#open);
    this.#watched.add(seen);
    return {
      thatStores(identity) {
        let found: WriteUnderWay | undefined;
        for (const write of seen) {
          if (!write.willStore(identity)) continue;
          found = write;
          if (!write.isOver) break;
        }
        return found;
      },
      end: () => this.#watched.delete(seen),
    };
  }

  #forgetOld(): void {
    const oldest = Date.now() - LONGEST_MS;
    for (const write of this.#open) {
      // in the order in which they began
      if (write.startedAt > oldest) break;
      this.end(write);
    }
  }
}
