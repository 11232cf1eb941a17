import type { Schema } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { gate, isGateable, type MongooseCollection } from './collection-gate.js';
import type { Guard } from './guarded-write.js';
import { activeCleanerOf } from './opt-out.js';

/**
 * One gate per document, created at its first save and kept: `delete` would turn every saved document into a slow
 * object.
 */
const GATE = Symbol.for('mongoose-image-cleanup:save-gate:2');

interface DocumentGate {
  readonly symbol: symbol;
  /** `Model.useConnection()` gives the documents of a model another collection. */
  readonly collection: MongooseCollection;
  /** The cleaner for the next call of the driver. */
  cleaner: Guard['cleaner'] | undefined;
  option: unknown;
}

/** What a hook sees of a document, including the collection to which `save` writes. */
interface DocumentInside {
  readonly constructor: AnyModel;
  readonly $isSubdocument?: boolean;
  readonly $__: { saveOptions?: { imageCleanup?: unknown } };
  [GATE]?: DocumentGate;
}

/** The description of the private symbol under which `save` finds its collection (Mongoose 7, 8 and 9). */
const COLLECTION = 'mongoose#Model#collection';

/**
 * `save` calls `insertOne` and `updateOne`. `doc.deleteOne()` of Mongoose 7 also uses this collection; in Mongoose 8
 * and 9 it is a query.
 */
const METHODS = ['insertOne', 'updateOne', 'deleteOne'];

/** Arms `doc.save()`. The values that the update replaces are read when it calls the driver. */
export function armDocuments(schema: Schema): void {
  const hook = function (this: unknown): void {
    armDocument(this as DocumentInside);
  };
  schema.pre('save', hook as never);
  schema.pre('deleteOne', { document: true, query: false }, hook as never);
}

function armDocument(document: DocumentInside): void {
  if (document.$isSubdocument) return;
  const known = document[GATE];
  if (known) known.cleaner = undefined;
  const option = document.$__.saveOptions?.imageCleanup;
  const cleaner = activeCleanerOf(document.constructor, option);
  if (!cleaner) return;
  const symbol = known?.symbol ?? collectionSymbol(document);
  const collection: unknown = symbol && Reflect.get(Object.getPrototypeOf(document) as object, symbol);
  if (!isGateable(collection, { cleaner, operation: 'save' }) || !symbol) return;
  if (known?.collection === collection) Object.assign(known, { cleaner, option });
  else addGate(document, { symbol, collection, cleaner, option });
}

function addGate(document: DocumentInside, own: DocumentGate): void {
  const gated = gate(own.collection, METHODS, ({ method }) => {
    const { cleaner, option } = own;
    own.cleaner = undefined;
    return cleaner && { cleaner, operation: method === 'deleteOne' ? method : 'save', option };
  });
  const hidden = { configurable: true, writable: true, enumerable: false };
  Object.defineProperties(document, {
    [own.symbol]: { ...hidden, value: gated },
    [GATE]: { ...hidden, value: own },
  });
}

function collectionSymbol(document: object): symbol | undefined {
  for (let home: unknown = document; home; home = Object.getPrototypeOf(home)) {
    const found = Object.getOwnPropertySymbols(home).find((symbol) => symbol.description === COLLECTION);
    if (found) return found;
  }
  return undefined;
}
