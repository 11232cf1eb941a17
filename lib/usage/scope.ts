import type { Connection, mongo } from 'mongoose';
import { namedFields } from '../schema/named-fields.js';
import { fieldsToAsk, hasPlugin, trackedOf } from '../schema/tracked.js';
import { eitherField, type TrackedField } from '../schema/tracked-field.js';
import type { CleanupOptions } from '../schema/checked-options.js';
import { isModel } from '../schema/models-option.js';
import type { AnyModel, ReferenceFunction } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';

/** A field that may reference files, and the providers that read its values. */
export interface AskedField {
  readonly field: TrackedField;
  /** The providers of the plugin calls that track the field; the providers of those who ask, if no plugin call does. */
  readonly readers: readonly StorageProvider[];
  /** Whether it is searched for mentions however large the collection is. */
  readonly isAlwaysSearched: boolean;
}

/** A collection that may reference files. */
export interface AskedCollection {
  readonly connection: Connection;
  readonly name: string;
  readonly fields: readonly AskedField[];
  /** The models of the collection. */
  readonly models: readonly AnyModel[];
}

/** Everything that is asked whether it uses a file. */
export interface Scope {
  readonly collections: readonly AskedCollection[];
  readonly functions: readonly ReferenceFunction[];
  /** Models in the scope that have the plugin. Their schema defaults are protected. */
  readonly models: readonly AnyModel[];
}

/** A model, and where its files may be used according to its options. */
export interface Asking {
  readonly model: AnyModel;
  readonly references: CleanupOptions['references'];
}

/**
 * One entry for each collection, with the fields of all its models, and each function once.
 *
 * @throws Error if a named model is not registered, or does not have the field.
 */
export function scopeOf(asking: readonly Asking[]): Scope {
  const collections = new CollectionGatherer();
  const functions = new Set<ReferenceFunction>();
  const models = new Set<AnyModel>();
  const askers = [...new Set(asking.flatMap(({ model }) => providersOf(model)))];
  for (const { model, references } of asking) {
    for (const one of modelsInScope(model, references)) {
      models.add(one);
      if (hasPlugin(one) && trackedOf(one).length === 0) continue;
      for (const { field, providers } of fieldsToAsk(one)) {
        // a use within a text is found only by a search
        const isAlwaysSearched = field.text !== undefined;
        collections.add(one, { field, readers: providers ?? askers, isAlwaysSearched });
      }
    }
    for (const source of references.sources) {
      if (typeof source === 'object') {
        const one = registered(source.model, model);
        for (const field of namedFields(one.schema, source.fields)) {
          const isAlwaysSearched = source.mentions === true;
          collections.add(one, { field, readers: readersOf(one, field) ?? askers, isAlwaysSearched });
        }
      } else if (typeof source === 'function' && !isModel(source)) functions.add(source);
    }
  }
  return { collections: collections.all(), functions: [...functions], models: [...models] };
}

/**
 * The collection of the driver itself. Mongoose's own would buffer, run no cursor while it does, and log like calls of
 * the app.
 */
export function driverCollection({ connection, name }: AskedCollection): mongo.Collection {
  const { db } = connection;
  if (!db) throw new Error('the connection is not open');
  return (db as unknown as mongo.Db).collection(name);
}

/** Every provider that a model's fields name. */
export function providersOf(model: AnyModel): StorageProvider[] {
  return [...new Set(trackedOf(model).flatMap(({ providers }) => providers))];
}

/** The providers that read a field which the model itself tracks as well. */
function readersOf(model: AnyModel, { path }: TrackedField): readonly StorageProvider[] | undefined {
  return trackedOf(model).find(({ field }) => field.path === path)?.providers;
}

interface Gathered {
  readonly connection: Connection;
  readonly name: string;
  readonly fields: Map<string, AskedField>;
  readonly models: Set<AnyModel>;
}

class CollectionGatherer {
  readonly #byConnection = new Map<Connection, Map<string, Gathered>>();

  add(model: AnyModel, asked: AskedField): void {
    const connection = model.db;
    const onConnection = this.#byConnection.get(connection) ?? new Map<string, Gathered>();
    this.#byConnection.set(connection, onConnection);
    const { name } = model.collection;
    const gathered = onConnection.get(name) ?? { connection, name, fields: new Map(), models: new Set() };
    onConnection.set(name, gathered);
    gathered.models.add(model);
    const { path } = asked.field;
    const known = gathered.fields.get(path);
    gathered.fields.set(path, known ? eitherAsked(known, asked) : asked);
  }

  all(): AskedCollection[] {
    return [...this.#byConnection.values()].flatMap((onConnection) =>
      [...onConnection.values()].map(({ connection, name, fields, models }) => ({
        connection,
        name,
        fields: [...fields.values()],
        models: [...models],
      })),
    );
  }
}

/**
 * The same path of one collection, for two models or plugin calls: it may hold what either allows, and the providers of
 * both read it.
 */
function eitherAsked(one: AskedField, other: AskedField): AskedField {
  return {
    field: eitherField(one.field, other.field),
    readers: [...new Set([...one.readers, ...other.readers])],
    isAlwaysSearched: one.isAlwaysSearched || other.isAlwaysSearched,
  };
}

/**
 * The models whose tracked fields are asked. A narrower scope still includes every model of the same collection, since
 * they store documents that its writes change.
 */
function modelsInScope(model: AnyModel, { scope, sources }: CleanupOptions['references']): AnyModel[] {
  const onConnection = (Object.values(model.db.models) as AnyModel[]).filter(hasPlugin);
  const inScope =
    scope === 'connection'
      ? onConnection
      : onConnection.filter((one) => one.collection.name === model.collection.name);
  const named = sources.filter((one) => typeof one === 'string' || isModel(one));
  return [...new Set([model, ...inScope, ...named.map((one) => registered(one, model))])];
}

function registered(source: string | AnyModel, model: AnyModel): AnyModel {
  if (typeof source !== 'string') return source;
  const found = model.db.models[source] as AnyModel | undefined;
  if (!found)
    throw new Error(`references names the model "${source}", which is not registered on this connection`);
  return found;
}
