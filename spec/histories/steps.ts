import type { Spelled } from './spelling.js';

/**
 * What a history is made of: plain data, so that fast-check can shrink it and a failing one can be printed as code.
 * Files are named by a stored form (`'a.png'`, `'/uploads/a.png?v=2'`), or by their name and how it is written; `'fresh'` is a
 * file that is uploaded just before.
 */

export type Value = string | Spelled;

/** The fields of every model, one for each shape. `photos` are sub-documents `{ url }`, `card` is Mixed. */
export interface Content {
  image?: Value;
  cover?: Value;
  avatar?: Value;
  gallery?: Value[];
  photos?: Value[];
  thumbs?: Value[];
  card?: Value;
  /** The images of one text. */
  body?: Value[];
}

export type ModelName = 'Album' | 'Concert' | 'Live';

/** One document by its place among those that there are, or the documents of a group, in an order. */
export type Where = { doc: number } | { group: number; sort?: 1 | -1 };

export type Change =
  | { set: Content }
  | { unset: keyof Content }
  | { pull: Value }
  | { pullPhoto: Value }
  | { pop: 1 | -1 }
  | { push: Value[]; slice?: number }
  | { pushPhotos: Value[]; slice?: number }
  | { addToSet: Value }
  | { rename: 'image to cover' | 'image away' | 'cover to image' }
  | { arrayFilter: [from: Value, to: Value] }
  | { everyPhoto: Value }
  | { thumb: Value }
  | { onInsert: Value }
  | { pipeline: 'swap' | 'clear' | 'image to cover' | 'literal' | 'replaceWith' | 'unset'; value: Value }
  | { count: number };

export type UpdateCall = 'updateOne' | 'updateMany' | 'findOneAndUpdate' | 'doc.updateOne';
export type ReplaceCall = 'replaceOne' | 'findOneAndReplace' | 'doc.replaceOne';
export type DeleteCall = 'deleteOne' | 'deleteMany' | 'findOneAndDelete' | 'doc.deleteOne';

export type BulkPart =
  | { insert: Content }
  | { insertAgain: number }
  | { updateOne: Where; change: Change; upsert?: boolean }
  | { updateMany: Where; change: Change }
  | { replaceOne: Where; content: Content }
  | { deleteOne: Where }
  | { deleteMany: Where };

export type Operation = { model: ModelName } & (
  | { do: 'create'; content: Content }
  | { do: 'copy'; doc: number }
  | { do: 'save'; doc: number; set: Content; unset?: keyof Content; partly?: keyof Content }
  | { do: 'saveArrays'; doc: number; drop: number; push: Value }
  | { do: 'saveStale'; doc: number; first: Content; second: Content }
  | { do: 'bulkSave'; sets: Content[] }
  | { do: 'update'; call: UpdateCall; where: Where; change: Change; upsert?: boolean }
  | { do: 'replace'; call: ReplaceCall; where: Where; content: Content }
  | { do: 'delete'; call: DeleteCall; where: Where }
  | { do: 'bulkWrite'; ordered: boolean; parts: BulkPart[] }
  /** `after`: in so many milliseconds, by the journal. */
  | { do: 'removeUnused'; values: Value[]; after?: number }
);

export type StorageKind = 'busy' | 'refused' | 'throws' | 'throws a string' | 'short answer' | 'nonsense';

/** `after`: so many commands pass before, and then all fail until the end of the step. */
export type Fault =
  | { in: 'storage'; kind: StorageKind; times: number }
  | { in: 'database'; command: 'find' | 'update' | 'delete' | 'findAndModify'; after: number; code: number };

export type Style = 'manual' | 'withTransaction' | 'connection' | 'async storage';

export type Ending =
  | 'commit'
  | 'abort'
  | 'throw'
  | 'endSession'
  | 'conflict'
  | 'commit fails'
  | 'commit unknown'
  | 'commit unknown, once more';

/** One of several operations at once. */
export interface Act {
  readonly operation: Operation;
  readonly isInTransaction?: boolean;
  /** Turns of the event loop before it begins. */
  readonly turns?: number;
}

/** Of one call, where the models have a journal. */
export interface Journalled {
  /** Its own grace period, in milliseconds. */
  readonly grace?: number;
  /** Nobody learns of its first write, which is not sent, or not answered: as if the process had died there. */
  readonly cut?: 'before' | 'after';
}

export type Step =
  | ({ operation: Operation; fault?: Fault; off?: 'option' | 'block' } & Journalled)
  /** So many milliseconds go by, and a worker comes. */
  | { timePasses: number }
  /** `reupload`: a file uploaded anew under its old name just before the end. */
  | { transaction: Operation[]; style: Style; end: Ending; reupload?: string }
  | { together: Act[] }
  /** The first write of the one is held at the driver, before it is sent or before it is answered, until the other is done. */
  | { held: Operation; when: 'before' | 'after'; meanwhile: Operation }
  | { reupload: string }
  | { pin: string }
  | { hoursPass: true; fault?: Fault };

export interface History {
  /** `folders`: several models with different providers over one folder. */
  readonly storage: 'memory' | 'disk' | 'folders';
  /** Whether collections are searched for mentions, as small ones are by default. */
  readonly mentions: 'default' | 'never';
  readonly removal: 'wait' | 'background';
  readonly references: 'connection' | 'list';
  readonly listener: 'fine' | 'throws' | 'rejects';
  /** Whether models have a journal, and which of them a grace period. Absent: none. */
  readonly journal?: 'now' | 'grace' | 'mixed';
  readonly documents: readonly ({ model: ModelName; group: number } & Content)[];
  readonly steps: readonly Step[];
}
