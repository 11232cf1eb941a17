import type { Connection } from 'mongoose';

export interface Failure {
  readonly commands: readonly string[];
  /** Default 1. */
  readonly times?: number;
  /** Instead of `times`: so many pass, and all others fail until they are healed. */
  readonly after?: number;
  readonly errorCode?: number;
  readonly closeConnection?: boolean;
  readonly errorLabels?: readonly string[];
  /** The command is carried out, and its answer carries this error. */
  readonly writeConcernError?: { code: number; errmsg: string };
}

/** The server's own `failCommand`: the next such commands fail. For specs that are declared with `'fail points'`. */
export async function failCommands(connection: Connection, failure: Failure): Promise<void> {
  const { commands, times = 1, after, ...data } = failure;
  await admin(connection, {
    configureFailPoint: 'failCommand',
    mode: after === undefined ? { times } : after === 0 ? 'alwaysOn' : { skip: after },
    data: { failCommands: commands, ...data },
  });
}

/** Never throws: it ends specs that failed for another reason, and those of a MongoDB that has no fail points. */
export async function healCommands(connection: Connection): Promise<void> {
  await admin(connection, { configureFailPoint: 'failCommand', mode: 'off' }).catch(() => undefined);
}

async function admin(connection: Connection, command: Record<string, unknown>): Promise<void> {
  await connection.getClient().db('admin').command(command);
}
