import type { Tracked } from '../schema/model-fields.js';
import { effectOfBulkWrite } from './bulk-effect.js';
import { UPDATES, type DriverCall, type WriteOptions } from './driver-call.js';
import { plain, storedByDocument, storedByUpdate, writtenInTexts } from './stored-values.js';
import { withoutSortToo, type Effect } from './effect.js';
import { fieldsDropped, fieldsStored, writtenValues } from './update-operators.js';

/** Returns `undefined` if the call neither drops nor stores a file. */
export function effectOf(call: DriverCall, tracked: readonly Tracked[]): Effect | undefined {
  if (call.method === 'bulkWrite') return effectOfBulkWrite(call, tracked);
  if (call.method.startsWith('insert')) return effectOfInsert(call, tracked);
  return UPDATES.includes(call.method) ? effectOfUpdate(call, tracked) : effectOfDelete(call, tracked);
}

/** An insert drops nothing, but other writes at the same time may take what it stores for unused, or replace it. */
function effectOfInsert({ args: [sent] }: DriverCall, tracked: readonly Tracked[]): Effect | undefined {
  const documents = [sent].flat();
  const stored = documents.flatMap((document) => storedByDocument(document, tracked));
  if (stored.length === 0) return undefined;
  return {
    targets: [],
    tracked: [],
    insertedIds: documents.map((document) => plain(document)['_id']),
    written: stored.map(({ value }) => value),
    stored: () => stored,
  };
}

function effectOfUpdate(call: DriverCall, tracked: readonly Tracked[]): Effect | undefined {
  const { options, method } = call;
  const [filter, update] = call.args;
  const dropped = fieldsDropped(update, tracked);
  const stored = fieldsStored(update, tracked);
  if (dropped.length + stored.length === 0) return undefined;
  return {
    targets: withoutSortToo({ filter, sort: options.sort, ...limitOf(method) }, method),
    tracked: dropped,
    written: [...writtenValues(update, tracked), ...writtenInTexts(update, stored)],
    stored: (result) => storedByUpdate(update, stored, isUpserted(result, options)),
  };
}

function effectOfDelete(call: DriverCall, tracked: readonly Tracked[]): Effect | undefined {
  const { method, options, args } = call;
  if (options.imageCleanup === false) return undefined;
  // a delete command has no sort, and no driver sends one
  const sort = method === 'deleteOne' ? null : undefined;
  return { targets: [{ filter: args[0], sort, ...limitOf(method) }], tracked, isDelete: true };
}

function limitOf(method: string): { limit?: number } {
  return method.endsWith('Many') ? {} : { limit: 1 };
}

/**
 * Whether the write inserted a document, so that `$setOnInsert` applies. A `findOneAnd…` that answers with the old
 * document then has none.
 */
function isUpserted(result: unknown, { upsert }: WriteOptions): boolean {
  const { upsertedCount = 0 } = (result ?? {}) as { upsertedCount?: number };
  return upsertedCount > 0 || (upsert === true && result === null);
}
