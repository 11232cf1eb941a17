import { writeSync } from 'node:fs';
import { mongo, type Connection } from 'mongoose';

/** What a process writes for each transaction: the id of its session. */
const LINE = /^transaction of ([0-9a-f]{32})\n/gm;

/** For processes that are killed: writes the sessions of their transactions to the standard output. */
export function tellTransactions(connection: Connection): void {
  connection.getClient().on('commandStarted', ({ command }) => {
    const { startTransaction, lsid } = command as { startTransaction?: boolean; lsid?: { id: mongo.Binary } };
    if (startTransaction) writeSync(1, `transaction of ${lsid!.id.toString('hex')}\n`);
  });
}

/** Reads what a process wrote: the sessions, and the rest. */
export function readTransactions(written: string): { sessions: readonly string[]; rest: string } {
  const sessions = [...written.matchAll(LINE)].map(([, id]) => id!);
  return { sessions: [...new Set(sessions)], rest: written.replace(LINE, '') };
}

/** MongoDB keeps the transactions of dead processes for a minute, and no collection can be dropped so long. */
export async function endTransactions(connection: Connection, sessions: readonly string[]): Promise<void> {
  if (sessions.length === 0) return;
  const killSessions = sessions.map((id) => ({ id: new mongo.UUID(id) }));
  await connection.getClient().db('admin').command({ killSessions });
}
