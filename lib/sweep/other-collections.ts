import type { Connection, mongo } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import type { AskedCollection } from '../usage/scope.js';
import { asError } from '../shared/time-limit.js';
import { LEASES } from './lease.js';
import type { SweepRun } from './run.js';
import { connectionsAround } from './storages.js';

/**
 * The collections of all models on the connections that the sweep reads. Those in its scope come with their tracked
 * fields; with `onlyTracked`, there are no others.
 */
export function collectionsToSearch(run: SweepRun): AskedCollection[] {
  const { scope, options } = run;
  if (options.onlyTracked) return [...scope.collections];
  const others = connectionsOf(run).flatMap((connection) =>
    [...modelsByCollection(connection)].map(([name, models]) => ({ connection, name, fields: [], models })),
  );
  const isInScope = ({ connection, name }: AskedCollection): boolean =>
    scope.collections.some((one) => one.connection === connection && one.name === name);
  return [...scope.collections, ...others.filter((one) => !isInScope(one))];
}

/** Records what the sweep does not read: collections without a model, and models of other connections. */
export async function noteUnread(run: SweepRun): Promise<void> {
  if (run.options.onlyTracked) return;
  const connections = connectionsOf(run);
  const read = new Set(collectionsToSearch(run).map(({ connection, name }) => placeOf(connection, name)));
  const note = (connection: Connection, collection: string, models?: readonly AnyModel[]): void => {
    const place = placeOf(connection, collection);
    if (read.has(place)) return;
    read.add(place);
    const names = (models ?? []).map(({ modelName }) => modelName);
    run.unreadCollection({
      database: connection.name,
      collection,
      reason: models ? 'other connection' : 'no model',
      models: names,
    });
  };
  for (const connection of connections) {
    for (const name of await namesOfCollections(run, connection)) note(connection, name);
  }
  const around = new Set(run.options.models.flatMap((model) => connectionsAround(model.db)));
  for (const connection of around) {
    if (connections.includes(connection) || (connection.readyState as number) !== 1) continue;
    for (const [name, models] of modelsByCollection(connection)) note(connection, name, models);
  }
}

function connectionsOf({ scope, options }: SweepRun): Connection[] {
  const all = [...options.models.map(({ db }) => db), ...scope.collections.map((one) => one.connection)];
  return [...new Set(all)];
}

function modelsByCollection({ models }: Connection): Map<string, AnyModel[]> {
  const found = new Map<string, AnyModel[]>();
  for (const model of Object.values(models) as AnyModel[]) {
    const { name } = model.collection;
    found.set(name, [...(found.get(name) ?? []), model]);
  }
  return found;
}

/** Two connections may be open to one database. */
function placeOf({ host, port, name }: Connection, collection: string): string {
  return `${host}:${String(port)}/${name}/${collection}`;
}

/**
 * The collections that hold an app's documents. A view shows documents of other collections, which are listed
 * themselves.
 */
async function namesOfCollections(run: SweepRun, connection: Connection): Promise<string[]> {
  try {
    const db = connection.db as unknown as mongo.Db;
    const all = await db.listCollections({}, { nameOnly: true }).toArray();
    return all.filter(isOfApp).map(({ name }) => name);
  } catch (thrown) {
    const why = asError(thrown).message;
    run.notes.push(`could not determine which collections of ${connection.name} have no model: ${why}`);
    return [];
  }
}

/**
 * MongoDB's own collections, including those for time series and encryption, and the lease of the repeated sweep name
 * no files.
 */
function isOfApp({ name, type }: { readonly name: string; readonly type?: string }): boolean {
  return type !== 'view' && name !== LEASES && !name.startsWith('system.') && !name.startsWith('enxcol_.');
}
