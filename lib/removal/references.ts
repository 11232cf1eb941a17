import type { mongo } from 'mongoose';
import { eitherField, namedFields, type TrackedField } from '../fields.js';
import { isModel, type AnyModel, type CleanupOptions, type ReferenceFunction } from '../options.js';
import { defaultsOf, fieldsToAsk, hasPlugin } from '../tracking.js';
import type { Asking, Entry } from './candidates.js';
import { askCollection, type Place, type Use } from './question.js';
import { asError, withTimeLimit } from './time-limit.js';

/** The answer for one entry: free to go, in use, or nobody knows. */
export type Verdict = 'unused' | Use | { unanswered: Error };

/** The one question: does anything in the `references` scope of the model still use these assets? */
export async function stillUsed(
  entries: readonly Entry[],
  model: AnyModel,
  { timeoutMs, references }: CleanupOptions,
): Promise<Map<Entry, Verdict>> {
  let scope: Scope;
  try {
    const alsoAsking = entries.flatMap((entry) => entry.alsoAsking ?? []);
    scope = scopeOf([{ model, references }, ...new Set(alsoAsking)]);
  } catch (thrown) {
    const unanswered = asError(thrown);
    return new Map(entries.map((entry) => [entry, { unanswered }]));
  }
  const ids = entries.map(({ documentId }) => documentId);
  // `removeUnused` speaks of no document, so there is no narrower scope than the model
  const onlyDocuments = references === 'document' && !ids.includes(undefined) ? ids : undefined;
  return askScope(entries, scope, { timeoutMs, ...(onlyDocuments && { onlyDocuments }) });
}

/**
 * Every collection is asked once for the whole batch, all at the same time; what one finds need not be asked elsewhere
 * again, but what one fails to answer keeps.
 */
export async function askScope(
  entries: readonly Entry[],
  { places, functions }: Scope,
  limits: { timeoutMs: number; onlyDocuments?: readonly unknown[] },
): Promise<Map<Entry, Verdict>> {
  const verdicts = new Map<Entry, Verdict>(entries.map((entry) => [entry, 'unused']));
  const ask = async (what: string, act: (signal: AbortSignal) => Promise<Map<Entry, Use>>): Promise<void> => {
    try {
      for (const [entry, use] of await withTimeLimit(what, limits.timeoutMs, act)) note(verdicts, entry, use);
    } catch (thrown) {
      for (const entry of entries) note(verdicts, entry, { unanswered: asError(thrown) });
    }
  };
  await Promise.all([
    ...places.map((place) =>
      ask(`the question to ${place.collection.collectionName}`, () => askCollection(place, entries, limits)),
    ),
    ...functions.map((reference) =>
      ask('a references function', (signal) => askFunction(reference, entries, signal)),
    ),
  ]);
  return verdicts;
}

/** `by itself` says most, then `by another`, then not knowing; each of them keeps the file. */
function note(verdicts: Map<Entry, Verdict>, entry: Entry, verdict: Verdict): void {
  const rank = (one: Verdict | undefined): number =>
    one === 'by itself' ? 3 : one === 'by another' ? 2 : typeof one === 'object' ? 1 : 0;
  if (rank(verdict) > rank(verdicts.get(entry))) verdicts.set(entry, verdict);
}

async function askFunction(
  reference: ReferenceFunction,
  entries: readonly Entry[],
  signal: AbortSignal,
): Promise<Map<Entry, Use>> {
  const answers: unknown = await reference(
    entries.map(({ asset }) => asset),
    { signal },
  );
  if (!Array.isArray(answers) || answers.length !== entries.length) {
    throw new Error(`a references function must answer with an array of ${String(entries.length)} booleans`);
  }
  return new Map(
    entries.flatMap((entry, index) => (answers[index] === false ? [] : [[entry, 'by another' as const]])),
  );
}

/** Literal schema defaults of every model in the scope: a file that new documents will start with. */
export function protectedDefaults(model: AnyModel, options: CleanupOptions): unknown[] {
  return modelsInScope(model, options.references).flatMap(defaultsOf);
}

/** What to ask about files: collections with their fields, and functions. */
export interface Scope {
  readonly places: readonly Place[];
  readonly functions: readonly ReferenceFunction[];
}

/**
 * One place a collection, with the fields of all models over it, and each function once.
 *
 * @throws Error when a named model is not registered or a connection is not open.
 */
export function scopeOf(asking: readonly Asking[]): Scope {
  const places = new PlaceCollector();
  const functions = new Set<ReferenceFunction>();
  for (const { model, references } of asking) {
    for (const one of modelsInScope(model, references)) {
      places.add(one, fieldsToAsk(one));
    }
    if (typeof references === 'string') continue;
    for (const source of references) {
      if (typeof source === 'object') {
        const one = registered(source.model, model);
        places.add(one, namedFields(one.schema, source.fields));
      } else if (typeof source === 'function' && !isModel(source)) functions.add(source);
    }
  }
  return { places: places.all(), functions: [...functions] };
}

interface Collected {
  readonly collection: mongo.Collection;
  readonly fields: Map<string, TrackedField>;
  readonly models: Set<AnyModel>;
}

class PlaceCollector {
  readonly #byDatabase = new Map<mongo.Db, Map<string, Collected>>();

  add(model: AnyModel, fields: readonly TrackedField[]): void {
    const db = databaseOf(model);
    const inDatabase = this.#byDatabase.get(db) ?? new Map<string, Collected>();
    this.#byDatabase.set(db, inDatabase);
    const { name } = model.collection;
    const place = inDatabase.get(name) ?? {
      collection: db.collection(name),
      fields: new Map<string, TrackedField>(),
      models: new Set<AnyModel>(),
    };
    inDatabase.set(name, place);
    place.models.add(model);
    for (const field of fields) {
      const known = place.fields.get(field.path);
      place.fields.set(field.path, known ? eitherField(known, field) : field);
    }
  }

  all(): Place[] {
    return [...this.#byDatabase.values()].flatMap((inDatabase) =>
      [...inDatabase.values()].map(({ collection, fields, models }) => ({
        collection,
        fields: [...fields.values()],
        models: [...models],
      })),
    );
  }
}

/**
 * The models whose tracked fields are asked. A narrower scope still includes every model over the model's own
 * collection (discriminators, one schema under two names).
 */
function modelsInScope(model: AnyModel, references: CleanupOptions['references']): AnyModel[] {
  const onConnection = (Object.values(model.db.models) as AnyModel[]).filter(hasPlugin);
  if (references === 'connection') return withModel(model, onConnection);
  const own = onConnection.filter((one) => one.collection.name === model.collection.name);
  const named =
    typeof references === 'string' ? [] : references.filter((one) => typeof one === 'string' || isModel(one));
  return withModel(model, [...own, ...(named as (string | AnyModel)[]).map((one) => registered(one, model))]);
}

function withModel(model: AnyModel, models: readonly AnyModel[]): AnyModel[] {
  return [...new Set([model, ...models])];
}

function registered(source: string | AnyModel, model: AnyModel): AnyModel {
  if (typeof source !== 'string') return source;
  const found = model.db.models[source] as AnyModel | undefined;
  if (!found)
    throw new Error(`references names the model "${source}", which is not registered on this connection`);
  return found;
}

/** The driver's database itself: Mongoose's own collection would buffer, run no cursor while it does, and log as the app's. */
function databaseOf(model: AnyModel): mongo.Db {
  const { db } = model.db;
  if (!db) throw new Error('the connection is not open');
  return db as unknown as mongo.Db;
}
