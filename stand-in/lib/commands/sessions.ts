import { CommandError } from '../errors.js';
import type { Commands, Operation } from '../operation.js';
import type { Document } from '../values.js';

function commitTransaction({ transaction }: Operation): Document {
  if (!transaction) throw new CommandError(125, 'commitTransaction must be run within a transaction');
  transaction.commit();
  return {};
}

function abortTransaction({ transaction }: Operation): Document {
  if (!transaction) throw new CommandError(125, 'abortTransaction must be run within a transaction');
  transaction.abort();
  return {};
}

function endSessions({ command, name, services }: Operation): Document {
  for (const lsid of command[name] as unknown[]) services.sessions.end(lsid);
  return {};
}

function killAllSessions({ services }: Operation): Document {
  services.sessions.endAll();
  return {};
}

const ADMIN_FIELDS = ['recoveryToken'];

export const sessionCommands: Commands = {
  commitTransaction: { inTransaction: true, fields: ADMIN_FIELDS, run: commitTransaction },
  abortTransaction: { inTransaction: true, fields: ADMIN_FIELDS, run: abortTransaction },
  endSessions: { fields: [], run: endSessions },
  killSessions: { fields: [], run: endSessions },
  killAllSessions: { fields: [], run: killAllSessions },
  refreshSessions: { fields: [], run: () => ({}) },
};
