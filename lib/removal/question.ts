import type { mongo } from 'mongoose';
import { isBelowMap, projectionOf, queryablePath, valuesAt, type TrackedField } from '../fields.js';
import type { AnyModel } from '../options.js';
import type { Asset, StorageProvider, StoredForms } from '../providers/provider.js';
import { groupBy, identityOf, type Entry } from './candidates.js';

/** A collection that may use files, and the fields to look at in it. */
export interface Place {
  readonly collection: mongo.Collection;
  readonly fields: readonly TrackedField[];
  /** The models that say so. */
  readonly models: readonly AnyModel[];
}

/** `by itself`: the document that held the value still has it, so the write did not drop it. */
export type Use = 'by another' | 'by itself';

interface Asked {
  readonly entry: Entry;
  readonly forms: StoredForms;
}

/** Most documents that one round of the question reads; a file shared by a million documents is answered by the first. */
const ROUND = 1000;

/**
 * Which of the entries does some document of one collection use? Equality first, and any hit counts; only for what is
 * left, and only where fields or providers need it, one scan. Reads from the primary, outside of every session.
 */
export async function askCollection(
  place: Place,
  entries: readonly Entry[],
  { timeoutMs, onlyDocuments }: { timeoutMs: number; onlyDocuments?: readonly unknown[] },
): Promise<Map<Entry, Use>> {
  const asked = entries.map((entry) => ({ entry, forms: entry.provider.forms(entry.asset) }));
  const used = new Map<Entry, Use>();
  const options: mongo.FindOptions = {
    projection: projectionOf(place.fields),
    readPreference: 'primary',
    maxTimeMS: timeoutMs,
  };
  const scope = onlyDocuments ? { _id: { $in: onlyDocuments } } : {};
  const find = (branches: object[], limit?: number): mongo.FindCursor<mongo.Document> =>
    place.collection.find({ ...scope, $or: branches } as mongo.Filter<mongo.Document>, {
      ...options,
      // one document more than the limit, so that the first reply ends the cursor and no second command is needed
      ...(limit === undefined ? { batchSize: ROUND } : { limit, batchSize: limit + 1 }),
    });

  await askByEquality(place, asked, used, find);
  await askByScan(place, asked, used, find);
  return used;
}

type Find = (branches: object[], limit?: number) => mongo.FindCursor<mongo.Document>;

async function askByEquality(
  place: Place,
  asked: readonly Asked[],
  used: Map<Entry, Use>,
  find: Find,
): Promise<void> {
  const fields = place.fields.filter((field) => !isBelowMap(field));
  if (fields.length === 0) return;
  for (let open = asked; open.length > 0;) {
    const limit = Math.min(ROUND, open.length + 1);
    const documents = await find(equalityBranches(fields, open), limit).toArray();
    if (documents.length === 0) return;
    const finder = new UseFinder(open, used, place);
    const before = used.size;
    for (const document of documents) finder.look(document, fields);
    open = open.filter(({ entry }) => !used.has(entry));
    if (documents.length < limit) return;
    if (used.size === before) {
      // a case-blind collation of the collection matches more than was asked: read on to the end
      await readAll(find(equalityBranches(fields, open)), finder, fields, () =>
        open.every(({ entry }) => used.has(entry)),
      );
      return;
    }
  }
}

/** Map keys cannot be queried, and a cloud's URLs hold the id in the middle: these are read and compared here. */
async function askByScan(
  place: Place,
  asked: readonly Asked[],
  used: Map<Entry, Use>,
  find: Find,
): Promise<void> {
  const open = asked.filter(({ entry }) => !used.has(entry));
  if (open.length === 0) return;
  const maps = place.fields.filter(isBelowMap);
  const beginnings = [...new Set(open.flatMap(({ forms }) => forms.scan ?? []))];
  const branches: object[] = maps.map((field) => ({ [queryablePath(field)]: { $exists: true } }));
  if (beginnings.length > 0) {
    const patterns = beginnings.map(startsWith);
    for (const field of place.fields.filter((one) => !isBelowMap(one))) {
      branches.push({ [field.path]: { $in: patterns } });
    }
  }
  if (branches.length === 0) return;
  const finder = new UseFinder(open, used, place);
  await readAll(find(branches), finder, place.fields, () => open.every(({ entry }) => used.has(entry)));
}

async function readAll(
  cursor: mongo.FindCursor<mongo.Document>,
  finder: UseFinder,
  fields: readonly TrackedField[],
  isDone: () => boolean,
): Promise<void> {
  try {
    for await (const document of cursor) {
      finder.look(document, fields);
      if (isDone()) return;
    }
  } finally {
    await cursor.close();
  }
}

function equalityBranches(fields: readonly TrackedField[], asked: readonly Asked[]): object[] {
  const strings: (string | RegExp)[] = [];
  const objects = new Map<string, string[]>();
  for (const { forms } of asked) {
    strings.push(...forms.equal, ...(forms.prefixes ?? []).map(startsWith));
    for (const [path, values] of Object.entries(forms.objects ?? {})) {
      objects.set(path, [...(objects.get(path) ?? []), ...values]);
    }
  }
  return fields.flatMap((field) => [
    { [field.path]: { $in: strings } },
    ...(field.mayHoldObjects
      ? [...objects].map(([path, values]) => ({ [`${field.path}.${path}`]: { $in: values } }))
      : []),
    ...(field.mayNest ? nestedArrays(field) : []),
  ]);
}

/** A path of a query opens an array, not an array in it: such documents are read and compared here. */
function nestedArrays({ segments }: TrackedField): object[] {
  return segments.map((_, end) => ({
    [segments.slice(0, end + 1).join('.')]: { $elemMatch: { $type: 'array' } },
  }));
}

/** Anchored and case-sensitive, so that an index serves it by its literal beginning. */
function startsWith(beginning: string): RegExp {
  return new RegExp(`^${beginning.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}`);
}

/** Finds the entries that a document's values mean. */
class UseFinder {
  readonly #byString: ReadonlyMap<string, readonly Asked[]>;
  readonly #byKey: ReadonlyMap<string, readonly Asked[]>;
  readonly #providers: ReadonlySet<Entry['provider']>;
  readonly #asked: readonly Asked[];
  readonly #used: Map<Entry, Use>;
  readonly #place: Place;

  constructor(asked: readonly Asked[], used: Map<Entry, Use>, place: Place) {
    this.#asked = asked;
    this.#providers = new Set(asked.map(({ entry }) => entry.provider));
    this.#used = used;
    this.#place = place;
    this.#byKey = groupBy(asked, ({ entry }) => identityOf(entry.asset));
    const byForm = asked.flatMap((one) => one.forms.equal.map((form) => [form, one] as const));
    this.#byString = new Map(
      [...groupBy(byForm, ([form]) => form)].map(([form, pairs]) => [form, pairs.map(([, one]) => one)]),
    );
  }

  look(document: mongo.Document, fields: readonly TrackedField[]): void {
    for (const field of fields) {
      for (const value of valuesAt(document, field)) {
        for (const { entry } of this.#meantBy(value)) this.#note(entry, document);
      }
    }
  }

  #meantBy(value: unknown): readonly Asked[] {
    const equal = typeof value === 'string' ? this.#byString.get(value) : undefined;
    const assets = [...this.#providers].flatMap((provider) => meaningsOf(value, provider));
    const read = assets.flatMap((asset) => this.#byKey.get(identityOf(asset)) ?? []);
    if (equal ?? assets.length > 0) return [...(equal ?? []), ...read];
    // found by what `forms` asked for, yet not understood by `identify`: uncertain, so it counts as used
    return this.#asked.filter(({ forms }) => matches(value, forms));
  }

  #note(entry: Entry, document: mongo.Document): void {
    const isItself =
      this.#place.collection.collectionName === entry.collection &&
      String(document._id) === String(entry.documentId);
    if (isItself) this.#used.set(entry, 'by itself');
    else if (!this.#used.has(entry)) this.#used.set(entry, 'by another');
  }
}

/** Every asset a value could mean: an ambiguous one uses each of them. */
function meaningsOf(value: unknown, provider: StorageProvider): readonly Asset[] {
  if (provider.possible) return provider.possible(value);
  const asset = provider.identify(value);
  return asset ? [asset] : [];
}

function matches(value: unknown, forms: StoredForms): boolean {
  if (typeof value === 'string') return (forms.prefixes ?? []).some((prefix) => value.startsWith(prefix));
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(forms.objects ?? {}).some(([path, values]) => {
    const held = path
      .split('.')
      .reduce<unknown>((node, name) => (node as Record<string, unknown> | undefined)?.[name], value);
    return values.includes(held as string);
  });
}
