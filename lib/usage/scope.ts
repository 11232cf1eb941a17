import type { Connection, mongo } from 'mongoose';
import { namedFields } from '../schema/named-fields.js';
import { fieldsToAsk, hasPlugin, trackedOf } from '../schema/model-fields.js';
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
  readonly models: readonly AnyModel[];
}

interface Gathered extends AskedCollection {
  readonly fields: AskedField[];
  readonly models: AnyModel[];
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
  const collections: Gathered[] = [];
  const functions = new Set<ReferenceFunction>();
  const models = new Set<AnyModel>();
  const askers = [...new Set(asking.flatMap(({ model }) => providersOf(model)))];
  for (const { model, references } of asking) {
    for (const one of modelsInScope(model, references)) {
      models.add(one);
      for (const { field, providers } of fieldsToAsk(one)) {
        // a use within a text is found only by a search
        const isAlwaysSearched = field.text !== undefined;
        addField(collections, one, { field, readers: providers ?? askers, isAlwaysSearched });
      }
    }
    for (const source of references.sources) {
      if (typeof source === 'object') {
        const one = registered(source.model, model);
        for (const field of namedFields(one.schema, source.fields)) {
          // a field that the model itself tracks has its own providers
          const own = trackedOf(one).find((tracked) => tracked.field.path === field.path);
          const isAlwaysSearched = source.mentions === true;
          addField(collections, one, { field, readers: own?.providers ?? askers, isAlwaysSearched });
        }
      } else if (typeof source === 'function' && !isModel(source)) functions.add(source);
    }
  }
  return { collections, functions: [...functions], models: [...models] };
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

/** Whether the documents of the model are in the collection. */
export function isIn({ connection, name }: AskedCollection, { db, collection }: AnyModel): boolean {
  return db === connection && collection.name === name;
}

/** Every provider that a model's fields name. */
export function providersOf(model: AnyModel): StorageProvider[] {
  return [...new Set(trackedOf(model).flatMap(({ providers }) => providers))];
}

/** Adds a field to the collection of the model. */
function addField(collections: Gathered[], model: AnyModel, asked: AskedField): void {
  let home = collections.find((one) => isIn(one, model));
  if (!home) {
    home = { connection: model.db, name: model.collection.name, fields: [], models: [] };
    collections.push(home);
  }
  if (!home.models.includes(model)) home.models.push(model);
  const index = home.fields.findIndex(({ field }) => field.path === asked.field.path);
  const known = home.fields[index];
  if (!known) home.fields.push(asked);
  // for two models or plugin calls, it may hold what either allows, and the providers of both read it
  else
    home.fields[index] = {
      field: eitherField(known.field, asked.field),
      readers: [...new Set([...known.readers, ...asked.readers])],
      isAlwaysSearched: known.isAlwaysSearched || asked.isAlwaysSearched,
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
