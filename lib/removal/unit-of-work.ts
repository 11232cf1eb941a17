import type { ClientSession } from 'mongoose';

/** How a transaction ended: `unknown` if its commit may have succeeded. */
type Ending = 'committed' | 'aborted' | 'unknown';

/** What one write does at the end of its transaction. After a commit, its caller waits for it. */
type Pending = (ending: Ending) => Promise<void> | undefined;

/**
 * Stored on the session itself, so that it is freed with the session, and under `Symbol.for`, so that two copies of
 * this package wrap a session once.
 */
const UNIT = Symbol.for('mongoose-image-cleanup:unit-of-work:2');

type Session = ClientSession & { [UNIT]?: UnitOfWork };

const TOKEN = Symbol.for('mongoose-image-cleanup:session:1');

/** An object that identifies a session without keeping it in memory, since a session may be dropped without an end. */
export function tokenOf(session: ClientSession): object {
  const home = session as ClientSession & { [TOKEN]?: object };
  if (!home[TOKEN]) Object.defineProperty(home, TOKEN, { value: {} });
  return home[TOKEN]!;
}

export function isInTransaction(session: ClientSession | null | undefined): session is ClientSession {
  return typeof session?.inTransaction === 'function' && session.inTransaction();
}

/** Calls `act` at once or, in a transaction, when it is committed. */
export function whenCommitted(session: ClientSession | null | undefined, act: () => void): void {
  if (!isInTransaction(session)) act();
  else
    UnitOfWork.of(session).add((ending) => {
      if (ending === 'committed') act();
      return undefined;
    });
}

/** The removals of the writes of one session. They are pending until the commit, and forgotten after an abort. */
export class UnitOfWork {
  #pending: Pending[] = [];
  #isInDoubt = false;

  /** The unit of a session, whose `commitTransaction` and `abortTransaction` are wrapped at the first call. */
  static of(session: Session): UnitOfWork {
    const known = session[UNIT];
    if (known) return known;
    const unit = new UnitOfWork();
    Object.defineProperty(session, UNIT, { value: unit });
    unit.#observe(session);
    return unit;
  }

  add(pending: Pending): void {
    this.#pending.push(pending);
  }

  /** The driver has no event for a commit; `withTransaction` calls these methods of the session (drivers 5, 6 and 7). */
  #observe(session: Session): void {
    const start = session.startTransaction.bind(session);
    const commit = session.commitTransaction.bind(session);
    const abort = session.abortTransaction.bind(session);
    session.startTransaction = (...args) => {
      start(...args);
      this.#endWithoutCommit();
    };
    session.commitTransaction = async (...args) => {
      try {
        await commit(...args);
      } catch (error) {
        this.#commitFailed(error);
        throw error;
      }
      await this.#end('committed');
    };
    session.abortTransaction = async (...args) => {
      this.#endWithoutCommit();
      await abort(...args);
    };
    session.once('ended', () => {
      this.#endWithoutCommit();
    });
  }

  /** The transaction is over without a known commit. If the result of a commit is not known, it may have succeeded. */
  #endWithoutCommit(): void {
    void this.#end(this.#isInDoubt ? 'unknown' : 'aborted');
  }

  /**
   * After a transient error, nothing was committed. After any other error, the commit may have succeeded, and may be
   * repeated.
   */
  #commitFailed(error: unknown): void {
    const labels = error as { hasErrorLabel?: (label: string) => boolean };
    const hasLabel = (label: string): boolean => labels.hasErrorLabel?.(label) === true;
    if (hasLabel('TransientTransactionError') && !hasLabel('UnknownTransactionCommitResult'))
      void this.#end('aborted');
    else this.#isInDoubt = this.#pending.length > 0;
  }

  async #end(ending: Ending): Promise<void> {
    const pending = this.#pending;
    this.#pending = [];
    this.#isInDoubt = false;
    await Promise.all(pending.map((act) => act(ending)));
  }
}
