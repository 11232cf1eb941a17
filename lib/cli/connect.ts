import type { Connection } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { UsageError } from './arguments.js';

/**
 * Opens the connection of the models, or waits for the connection that the models file opens itself. Creates neither
 * indexes nor collections, since the command only reads.
 *
 * @throws UsageError if there is nothing to connect, or nothing to connect to.
 */
export async function connectModels(
  models: readonly AnyModel[],
  uri: string | undefined,
  options: { readonly monitorCommands?: boolean } = {},
): Promise<void> {
  const connections = [...new Set(models.map(({ db }) => db))];
  const closed = connections.filter(({ readyState }) => readyState === 0);
  if (uri !== undefined) {
    if (closed.length === 0) {
      throw new UsageError('--uri is given, but the models file opens its own connection; leave --uri out');
    }
    if (closed.length > 1) {
      throw new UsageError(
        '--uri is given, but the models are on several connections; open these in the models file and leave --uri out',
      );
    }
    const patience = /[?&]serverSelectionTimeoutMS=/i.test(uri) ? {} : { serverSelectionTimeoutMS: 10_000 };
    await closed[0]!.openUri(uri, { autoIndex: false, autoCreate: false, ...patience, ...options });
  } else if (closed.length > 0) {
    const names = models.filter(({ db }) => closed.includes(db)).map(({ modelName }) => modelName);
    throw new UsageError(`--uri is missing, and the models file does not connect ${names.join(', ')}`);
  }
  await Promise.all(connections.map((connection) => connection.asPromise()));
}

/** Closes every connection of every Mongoose involved. Otherwise, the process would not end. */
export async function disconnectModels(models: readonly AnyModel[]): Promise<void> {
  const bases = new Set(models.map(({ base }) => base as unknown as { connections: Connection[] }));
  const connections = [...bases].flatMap((base) => base.connections);
  await Promise.all(connections.map((connection) => connection.close().catch(() => undefined)));
}
