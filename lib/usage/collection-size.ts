import { storedOn } from '../shared/stored-on.js';
import { driverCollection, type AskedCollection } from './scope.js';

/** How long a known size is used. */
const VALID_MS = 60_000;

interface Size {
  readonly askedAt: number;
  readonly documents: Promise<number>;
}

/** Stored on the connection, so that all models of the collection share it. */
const SIZES = Symbol.for('mongoose-image-cleanup:collection-sizes:1');

/**
 * The number of documents according to the collection's metadata, asked at most once a minute. Rejects if it cannot be
 * read.
 */
export function documentsIn(asked: AskedCollection, timeoutMs: number): Promise<number> {
  const sizes = storedOn(asked.connection, SIZES, () => new Map<string, Size>());
  const known = sizes.get(asked.name);
  if (known && Date.now() - known.askedAt < VALID_MS) return known.documents;
  const documents = Promise.resolve(driverCollection(asked).estimatedDocumentCount({ maxTimeMS: timeoutMs }));
  sizes.set(asked.name, { askedAt: Date.now(), documents });
  documents.catch(() => sizes.delete(asked.name));
  return documents;
}
