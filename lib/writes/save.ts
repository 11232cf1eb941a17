import type { Schema } from 'mongoose';
import type { AnyModel } from '../schema/options.js';
import { cleanerOf, type Cleaner } from '../removal/cleaner.js';
import { callDriver, gate, isGateable, type MongooseCollection } from './gate.js';
import { guardedWrite, type WriteCall } from './guarded-write.js';
import { readInsert } from './insert.js';
import { isOptedOut } from './opt-out.js';
import { readDelete } from './delete.js';
import { readUpdate } from './update.js';

/** What a hook sees of a document, and where Mongoose keeps the collection that `save` writes to. */
interface DocumentInside {
  readonly constructor: AnyModel;
  readonly isNew: boolean;
  readonly $isSubdocument?: boolean;
  readonly $__: { saveOptions?: { imageCleanup?: unknown } };
  [collection: symbol]: unknown;
}

/** The description of the private symbol under which `save` finds its collection (Mongoose 7, 8 and 9). */
const COLLECTION = 'mongoose#Model#collection';

/** The pre hook of documents: arms the document; what the update displaces is seen when `save` calls the driver. */
export function saveHook(): (this: unknown) => void {
  return function (this: unknown): void {
    armDocument(this as DocumentInside);
  };
}

export function cleanUpAfterSaves(schema: Schema, hook: (this: unknown) => void): void {
  schema.pre('save', hook as never);
  schema.pre('deleteOne', { document: true, query: false }, hook as never);
}

/** One gate a document, made at its first save and kept: `delete` would turn every saved document into a slow object. */
const GATE = Symbol.for('mongoose-image-cleanup:save-gate:1');

interface SaveGate {
  readonly symbol: symbol;
  /** `Model.useConnection()` gives the documents of a model another one. */
  readonly collection: MongooseCollection;
  isArmed: boolean;
}

function armDocument(document: DocumentInside): void {
  if (document.$isSubdocument) return;
  const cleaner = cleanerOf(document.constructor);
  if (!cleaner) return;
  const own = (document as { [GATE]?: SaveGate })[GATE];
  if (isOptedOut(cleaner, document.$__.saveOptions?.imageCleanup)) {
    if (own) own.isArmed = false;
    return;
  }
  const symbol = own?.symbol ?? collectionSymbol(document);
  const collection: unknown = symbol && Reflect.get(Object.getPrototypeOf(document) as object, symbol);
  if (!symbol || !isGateable(collection)) {
    cleaner.reporter.keepWrite('save', 'no snapshot', new Error('this version of Mongoose is not supported'));
    return;
  }
  if (own?.collection === collection) own.isArmed = true;
  else addGate(document, symbol, collection, cleaner);
}

/**
 * `save` writes by `insertOne` and `updateOne`; `doc.deleteOne()` of Mongoose 7 comes this way too, that of 8 and 9 is a
 * query.
 */
const METHODS = ['insertOne', 'updateOne', 'deleteOne'];

function addGate(
  document: DocumentInside,
  symbol: symbol,
  collection: MongooseCollection,
  cleaner: Cleaner,
): void {
  const own: SaveGate = { symbol, collection, isArmed: true };
  const gated = gate(collection, METHODS, (driver, method, args) => {
    const wasArmed = own.isArmed;
    own.isArmed = false;
    if (!wasArmed) return callDriver(driver, method, args);
    const operation = method === 'deleteOne' ? method : 'save';
    return guardedWrite(cleaner, operation, () => readCallOf(cleaner, method, args), driver, method, args);
  });
  const hidden = { configurable: true, writable: true, enumerable: false };
  Object.defineProperties(document, {
    [symbol]: { ...hidden, value: gated },
    [GATE]: { ...hidden, value: own },
  });
}

function readCallOf(cleaner: Cleaner, method: string, args: unknown[]): WriteCall | undefined {
  if (method === 'insertOne') return readInsert(cleaner, args);
  return method === 'updateOne' ? readUpdate(cleaner, method, args) : readDelete(cleaner, method, args);
}

function collectionSymbol(document: object): symbol | undefined {
  for (let home: unknown = document; home; home = Object.getPrototypeOf(home)) {
    const found = Object.getOwnPropertySymbols(home).find((symbol) => symbol.description === COLLECTION);
    if (found) return found;
  }
  return undefined;
}
