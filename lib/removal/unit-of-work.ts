import type { ClientSession } from 'mongoose';

/** Removals of one write that wait for the end of its transaction. */
export interface Pending {
  /** The commit was acknowledged. Resolves when its caller has waited long enough. */
  release(): Promise<void>;
  /** The result of the commit will not be known. */
  keep(): void;
  /** Nothing was committed. */
  forget?(): void;
}

/**
 * Stored on the session itself, so that it is freed with the session, and under `Symbol.for`, so that two copies of
 * this package wrap a session once.
 */
const UNIT = Symbol.for('mongoose-image-cleanup:unit-of-work:1');

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
  if (!isInTransaction(session)) {
    act();
    return;
  }
  UnitOfWork.of(session).add({
    release: () => {
      act();
      return Promise.resolve();
    },
    keep: () => undefined,
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
      this.#end();
    };
    session.commitTransaction = async (...args) => {
      try {
        await commit(...args);
      } catch (error) {
        this.#commitFailed(error);
        throw error;
      }
      await this.#releaseAll();
    };
    session.abortTransaction = async (...args) => {
      this.#end();
      await abort(...args);
    };
    session.once('ended', () => {
      this.#end();
    });
  }

  /** The transaction is over without a known commit. If the result of a commit is not known, it may have succeeded. */
  #end(): void {
    if (this.#isInDoubt) this.#keepAll();
    else this.#forgetAll();
  }

  /**
   * After a transient error, nothing was committed. After any other error, the commit may have succeeded, and may be
   * repeated.
   */
  #commitFailed(error: unknown): void {
    const labels = error as { hasErrorLabel?: (label: string) => boolean };
    const hasLabel = (label: string): boolean => labels.hasErrorLabel?.(label) === true;
    if (hasLabel('TransientTransactionError') && !hasLabel('UnknownTransactionCommitResult'))
      this.#forgetAll();
    else this.#isInDoubt = this.#pending.length > 0;
  }

  async #releaseAll(): Promise<void> {
    await Promise.all(this.#take().map((pending) => pending.release()));
  }

  #keepAll(): void {
    for (const pending of this.#take()) pending.keep();
  }

  #forgetAll(): void {
    for (const pending of this.#take()) pending.forget?.();
  }

  #take(): Pending[] {
    const taken = this.#pending;
    this.#pending = [];
    this.#isInDoubt = false;
    return taken;
  }
}
