import { Long } from 'bson';
import { CommandError } from './errors.js';
import type { Session } from './transactions.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, optionalNumber, toNumber } from './values.js';
import { documentSize } from './wire.js';

const FIRST_BATCH = 101;
/** Below the 16 MB of a reply, and below the 17 MB that `bson` can encode at once. */
const BATCH_BYTES = 15_000_000;

export interface Batch {
  documents: Document[];
  /** No more will come: the cursor is closed. */
  exhausted: boolean;
  /** Only change streams have one, in every batch. */
  resumeToken?: Document;
}

/** Where a cursor's documents come from. */
export interface CursorSource {
  next(limit: number): Batch;
  /** Waits until there may be something new; only for sources that can grow. */
  wait?(): Promise<void>;
  wake?(): void;
}

interface OpenCursor {
  namespace: string;
  source: CursorSource;
  session: Session | undefined;
}

/** Results that are all there when the cursor is opened: it shows one moment, whatever is written later. */
export class ResultSource implements CursorSource {
  private position = 0;

  /**
   * `endsUnseen`: a batch that is exactly full does not close the cursor. A query learns that nothing follows only by
   * looking for more; a list, or a query at its limit, knows.
   */
  constructor(
    private readonly documents: Document[],
    private readonly endsUnseen = false,
  ) {}

  next(limit: number): Batch {
    const start = this.position;
    let bytes = 0;
    while (this.position < this.documents.length && this.position - start < limit) {
      bytes += documentSize(this.documents[this.position]!);
      if (bytes > BATCH_BYTES && this.position > start) break;
      this.position++;
    }
    const documents = this.documents.slice(start, this.position);
    const isFull = this.endsUnseen && documents.length === limit;
    return { documents, exhausted: this.position === this.documents.length && !isFull };
  }
}

export class Cursors {
  private readonly open = new Map<string, OpenCursor>();
  private lastId = 1000;

  /** The reply of a command that opens a cursor. */
  reply(namespace: string, source: CursorSource, command: Document, session: Session | undefined): Document {
    const singleBatch = command['singleBatch'] === true;
    const batch = source.next(firstBatchSize(command));
    const id = batch.exhausted || singleBatch ? Long.ZERO : Long.fromNumber(++this.lastId);
    if (!id.isZero()) this.open.set(id.toString(), { namespace, source, session });
    return { cursor: { firstBatch: batch.documents, id, ns: namespace, ...tokenField(batch) } };
  }

  find(id: unknown, namespace: string): OpenCursor {
    const cursor = this.open.get(String(id));
    if (!cursor) throw new CommandError(43, `cursor id ${String(id)} not found`);
    if (cursor.namespace === namespace) return cursor;
    throw new CommandError(
      13,
      `Requested getMore on namespace '${namespace}', but cursor belongs to a different namespace ${cursor.namespace}`,
    );
  }

  async getMore(id: unknown, namespace: string, command: Document, isGone: () => boolean): Promise<Document> {
    const { source } = this.find(id, namespace);
    const limit = optionalNumber(command['batchSize']) || Infinity;
    const deadline = Date.now() + (optionalNumber(command['maxTimeMS']) ?? 1000);
    let batch = this.take(source, id, limit);
    while (
      source.wait &&
      batch.documents.length === 0 &&
      !batch.exhausted &&
      Date.now() < deadline &&
      !isGone()
    ) {
      const timer = setTimeout(() => source.wake?.(), deadline - Date.now());
      await source.wait();
      clearTimeout(timer);
      this.find(id, namespace);
      batch = this.take(source, id, limit);
    }
    if (batch.exhausted) this.open.delete(String(id));
    const nextId = batch.exhausted ? Long.ZERO : Long.fromString(String(id));
    return { cursor: { nextBatch: batch.documents, id: nextId, ns: namespace, ...tokenField(batch) } };
  }

  kill(id: unknown): boolean {
    this.open.get(String(id))?.source.wake?.();
    return this.open.delete(String(id));
  }

  wake(id: unknown): void {
    this.open.get(String(id))?.source.wake?.();
  }

  killAllOf(session: Session): void {
    for (const [id, cursor] of this.open) if (cursor.session === session) this.kill(id);
  }

  killAll(): void {
    for (const id of [...this.open.keys()]) this.kill(id);
  }

  private take(source: CursorSource, id: unknown, limit: number): Batch {
    try {
      return source.next(limit);
    } catch (error) {
      this.kill(id);
      throw error;
    }
  }
}

function firstBatchSize(command: Document): number {
  const options = isDocument(command['cursor']) ? command['cursor'] : command;
  const size = options['batchSize'];
  if (!isNumeric(size)) return FIRST_BATCH;
  if (toNumber(size) >= 0)
    return command['singleBatch'] === true && toNumber(size) === 0 ? Infinity : toNumber(size);
  throw new CommandError(
    51024,
    `BSON field 'batchSize' value must be >= 0, actual value '${toNumber(size)}'`,
  );
}

function tokenField({ resumeToken }: Batch): Document {
  return resumeToken ? { postBatchResumeToken: resumeToken } : {};
}
