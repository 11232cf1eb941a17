import { Binary } from 'bson';
import type { Cursors } from './cursors.js';
import { CommandError } from './errors.js';
import type { Store } from './store.js';
import { Session } from './transactions.js';
import type { Document } from './values.js';
import { isDocument } from './values.js';

export class Sessions {
  /** A transaction that is older is aborted, as `transactionLifetimeLimitSeconds` says. */
  transactionLifetimeMS = 60_000;
  private readonly byId = new Map<string, Session>();

  constructor(
    private readonly store: Store,
    private readonly cursors: Cursors,
  ) {}

  /** A session begins with the first command that names it. */
  get(lsid: unknown): Session {
    const id = idOf(lsid);
    let session = this.byId.get(id);
    if (!session) this.byId.set(id, (session = new Session(lsid as Document, this.store)));
    return session;
  }

  end(lsid: unknown): void {
    const id = idOf(lsid);
    const session = this.byId.get(id);
    if (!session) return;
    session.transaction?.abort();
    this.cursors.killAllOf(session);
    this.byId.delete(id);
  }

  endAll(): void {
    for (const session of this.byId.values()) session.transaction?.abort();
    this.byId.clear();
  }
}

function idOf(lsid: unknown): string {
  const id = isDocument(lsid) ? lsid['id'] : undefined;
  if (id instanceof Binary) return id.toString('hex');
  throw new CommandError(40414, "BSON field 'OperationSessionInfo.lsid.id' is missing but a required field");
}
