import type { Cleaner } from '../removal/cleaner.js';
import type { WriteCall } from './guarded-write.js';
import { optionsOf } from './query.js';
import { plain, storedByDocument } from './stored-values.js';

/**
 * How an insert of one or of many documents is seen at the gate. It drops nothing, but what it stores other writes at the
 * same time may take for unused, or displace. `undefined`: it stores no file.
 */
export function readInsert(cleaner: Cleaner, [sent, given]: readonly unknown[]): WriteCall | undefined {
  const documents = Array.isArray(sent) ? (sent as unknown[]) : [sent];
  const stored = documents.flatMap((document) => storedByDocument(document, cleaner.tracked));
  if (stored.length === 0) return undefined;
  return {
    hits: [],
    tracked: [],
    options: optionsOf(given),
    inserts: documents.map((document) => plain(document)['_id']),
    written: stored.map(({ value }) => value),
    stored: () => stored,
  };
}
