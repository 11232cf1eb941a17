import type { mongo } from 'mongoose';
import { storedOn } from '../shared/stored-on.js';
import { projectionOf, usesAt, valuesAt } from '../schema/field-values.js';
import { identityOf, safeReadingsOf } from './meaning.js';
import { driverCollection, type AskedCollection, type AskedField } from './scope.js';

/** How many documents at each end of a collection are compared. */
const SAMPLE = 50;

/**
 * Whether an array has the images of its texts, by the collection and the path of the text. Stored where all models
 * share it.
 */
const TRUSTED = Symbol.for('mongoose-image-cleanup:text-indexes:1');

/** How the texts of a collection are compared with the arrays beside them. */
export interface Comparing {
  readonly timeoutMs: number;
  /** Called for a text that has more images than its array. */
  readonly onDiffering?: ((field: AskedField, documentId: unknown) => void) | undefined;
}

/**
 * The paths of texts that need not be searched, since an array beside them has all the images that they use. Compared
 * once, before the first question: otherwise, an app that forgot to fill the array would lose files.
 */
export async function indexedTexts(
  asked: AskedCollection,
  comparing: Comparing,
): Promise<ReadonlySet<string>> {
  const known = storedOn(asked.connection, TRUSTED, () => new Map<string, Promise<boolean>>());
  const paths = asked.fields.map(async (text) => {
    const { path, text: reader } = text.field;
    const array = asked.fields.find(({ field }) => field.path === reader?.index);
    if (!array) return [];
    const key = `${asked.name}\0${path}`;
    // a comparison that failed is repeated at the next question, and the texts are searched until then
    const answer = known.get(key) ?? agrees(asked, { text, array }, comparing);
    known.set(key, answer);
    answer.catch(() => known.delete(key));
    return (await answer.catch(() => false)) ? [path] : [];
  });
  return new Set((await Promise.all(paths)).flat());
}

/** A text, and the array beside it. */
interface Pair {
  readonly text: AskedField;
  readonly array: AskedField;
}

async function agrees(
  asked: AskedCollection,
  pair: Pair,
  { timeoutMs, onDiffering }: Comparing,
): Promise<boolean> {
  const { text, array } = pair;
  const projection = projectionOf([text.field, array.field]);
  for (const direction of [1, -1] as const) {
    const found = driverCollection(asked)
      .find({}, { projection, maxTimeMS: timeoutMs, readPreference: 'primary' })
      .sort({ _id: direction })
      .limit(SAMPLE);
    for (const document of await found.toArray()) {
      if (holdsAll(document, pair)) continue;
      onDiffering?.(text, document._id);
      return false;
    }
  }
  return true;
}

/** Whether the array has every image of the text that a provider knows. A document without the array is searched. */
function holdsAll(document: mongo.Document, { text, array }: Pair): boolean {
  const listed = valuesAt(document, array.field);
  if (listed.length === 0 && !hasArray(document, array)) return true;
  const identities = new Set(identitiesOf(listed, array));
  return identitiesOf(usesAt(document, text.field), text).every((one) => identities.has(one));
}

function hasArray(document: mongo.Document, { field }: AskedField): boolean {
  let node: unknown = document;
  for (const name of field.segments) node = (node as Record<string, unknown> | null | undefined)?.[name];
  return node !== undefined && node !== null;
}

function identitiesOf(values: readonly unknown[], { readers }: AskedField): string[] {
  return values
    .flatMap((value) => readers.flatMap((reader) => safeReadingsOf(value, reader)))
    .map(identityOf);
}
