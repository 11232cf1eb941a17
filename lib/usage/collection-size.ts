import type { Connection } from 'mongoose';
import { driverCollection, type AskedCollection } from './scope.js';

/** How long a known size is used. */
const VALID_MS = 60_000;

interface Size {
  readonly askedAt: number;
  readonly documents: Promise<number>;
}

/** Stored on the connection, so that all models of the collection share it. */
const SIZES = Symbol.for('mongoose-image-cleanup:collection-sizes:1');

type Home = Connection & { [SIZES]?: Map<string, Size> };

/**
 * The number of documents according to the collection's metadata, asked at most once a minute. Rejects if it cannot be
 * read.
 */
export function documentsIn(asked: AskedCollection, timeoutMs: number): Promise<number> {
  const home = asked.connection as Home;
  if (!home[SIZES]) Object.defineProperty(home, SIZES, { value: new Map<string, Size>() });
  const sizes = home[SIZES]!;
  const known = sizes.get(asked.name);
  if (known && Date.now() - known.askedAt < VALID_MS) return known.documents;
  const documents = Promise.resolve(driverCollection(asked).estimatedDocumentCount({ maxTimeMS: timeoutMs }));
  sizes.set(asked.name, { askedAt: Date.now(), documents });
  documents.catch(() => sizes.delete(asked.name));
  return documents;
}
