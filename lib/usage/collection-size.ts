import type { Connection } from 'mongoose';
import { driverCollection, type AskedCollection } from './scope.js';

/** How long a size stays known. */
const VALID_MS = 60_000;

interface Size {
  readonly askedAt: number;
  readonly documents: Promise<number>;
}

/** Kept on the connection, so that every model over the collection shares it. */
const SIZES = Symbol.for('mongoose-image-cleanup:collection-sizes:1');

type Home = Connection & { [SIZES]?: Map<string, Size> };

/** The number of documents by the collection's own metadata, asked at most once a minute. Rejects where it can't be read. */
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
