import { inBatches } from '../shared/groups.js';
import type { StoredValue } from '../removal/candidates.js';
import type { Tracked } from '../schema/model-fields.js';
import type { DriverCall } from './driver-call.js';
import { plain, storedByDocument, storedByUpdate, writtenInTexts } from './stored-values.js';
import { namesOneId, withoutSortToo, type Effect, type Target } from './effect.js';
import { fieldsDropped, fieldsStored, writtenValues } from './update-operators.js';

/** How many `_id`s one look-up has. */
const IDS = 1000;

/** One operation of a bulk write, such as `{ updateOne: { filter, update } }`. */
interface Operation {
  readonly kind: string;
  /** Its position among all operations that were sent. */
  readonly index: number;
  readonly filter?: { _id?: unknown };
  readonly change?: unknown;
  readonly document?: unknown;
  readonly collation?: unknown;
  readonly hint?: unknown;
  readonly sort?: unknown;
  /** The fields of which it may make a document lose a value. */
  readonly dropped: readonly Tracked[];
}

type Sent = Readonly<
  Record<string, Operation & { readonly update?: unknown; readonly replacement?: unknown }>
>;

/** Returns `undefined` if no operation drops or stores a file. */
export function effectOfBulkWrite(call: DriverCall, all: readonly Tracked[]): Effect | undefined {
  const sent = call.args[0] as readonly Sent[];
  const operations = sent.flatMap((one, index) => readOperation(one, index, all));
  const tracked = all.filter((one) => operations.some(({ dropped }) => dropped.includes(one)));
  if (tracked.length === 0 && !operations.some((operation) => canStore(operation, all))) return undefined;
  const isOrdered = call.options.ordered !== false;
  return {
    targets: tracked.length === 0 ? [] : targetsOf(operations),
    tracked,
    written: operations.flatMap(({ change, document }) => {
      const written = document === undefined ? change : plain(document);
      return [...writtenValues(written, all), ...writtenInTexts(written, all)];
    }),
    stored: (result) => storedByAll(operations, all, result).flat(),
    // only values that were certainly stored, since a file that no document ever named must not be removed
    storedOnTheWay(result) {
      const last = operations.findLastIndex(({ dropped }) => dropped.length > 0);
      return storedByAll(operations, tracked, result).slice(0, Math.max(0, last)).flat();
    },
    storedDespite(error) {
      const { result } = error as { result?: unknown };
      return storedByAll(ranDespite(operations, error, isOrdered), all, result).flat();
    },
  };
}

function readOperation(sent: Sent, index: number, all: readonly Tracked[]): Operation[] {
  const [found] = Object.entries(sent).filter(([, operation]) => typeof operation === 'object');
  if (!found) return [];
  const [kind, { filter, update, replacement, document, collation, hint, sort }] = found;
  const change = update ?? replacement;
  const dropped = kind.startsWith('delete') ? all : change === undefined ? [] : fieldsDropped(change, all);
  return [{ kind, index, filter, change, document, collation, hint, sort, dropped }];
}

/**
 * The documents that a bulk write may change. If all operations name `_id`s, these documents are known beforehand.
 * Otherwise, one operation may change a document so that it matches the filter of the next, so the filters of all
 * operations count.
 */
function targetsOf(operations: readonly Operation[]): Target[] {
  const dropping = operations.filter(({ dropped }) => dropped.length > 0);
  const filtered = operations.filter(({ filter }) => filter);
  const asked = dropping.every(namesOneId) ? dropping : filtered;
  const ids = asked.filter(namesOneId).map(({ filter }) => filter?._id);
  // an earlier operation may delete the first documents: `deleteOne` three times with one filter deletes three of them
  const limit = filtered.every(isOfOne) ? { limit: filtered.length } : {};
  return [
    ...[...inBatches(ids, IDS)].map((some) => ({ filter: { _id: { $in: some } } })),
    ...asked
      .filter((operation) => !namesOneId(operation))
      .flatMap((operation) => {
        const { kind, filter, change, collation, hint } = operation;
        const sort = change === undefined ? undefined : operation.sort;
        return withoutSortToo({ filter, collation, hint, sort, ...(isOfOne(operation) && limit) }, kind);
      }),
  ];
}

/** The operations that ran although the bulk write failed: those before the error, or all except the refused ones. */
function ranDespite(operations: readonly Operation[], error: unknown, isOrdered: boolean): Operation[] {
  const { writeErrors } = error as { writeErrors?: unknown };
  const refused = [writeErrors ?? []].flat().map((one) => (one as { index?: number }).index ?? 0);
  const first = Math.min(...refused, Infinity);
  return operations.filter(({ index }) => (isOrdered ? index < first : !refused.includes(index)));
}

/** The values that each operation has certainly stored. */
function storedByAll(
  operations: readonly Operation[],
  tracked: readonly Tracked[],
  result: unknown,
): StoredValue[][] {
  const updates = operations.filter(({ change }) => change !== undefined);
  const { matchedCount = 0, upsertedCount = 0 } = (result ?? {}) as Record<string, number | undefined>;
  const haveAllMatched = updates.every(isOfOne) && matchedCount + upsertedCount === updates.length;
  return operations.map(({ document, filter, change }) => {
    if (document !== undefined) {
      const documentId = plain(document)['_id'];
      return storedByDocument(document, tracked).map((stored) => ({ ...stored, documentId }));
    }
    if (change === undefined || !haveAllMatched) return [];
    return storedByUpdate(change, tracked, false).map((stored) => ({ ...stored, documentId: filter?._id }));
  });
}

function canStore({ document, change }: Operation, tracked: readonly Tracked[]): boolean {
  if (document !== undefined) return storedByDocument(document, tracked).length > 0;
  return change !== undefined && fieldsStored(change, tracked).length > 0;
}

function isOfOne({ kind }: Operation): boolean {
  return kind.endsWith('One');
}
