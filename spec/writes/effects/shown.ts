import mongoose, { Schema } from 'mongoose';
import { imageCleanup } from '../../../lib/index.js';
import { trackedOf } from '../../../lib/schema/model-fields.js';
import { DriverCall } from '../../../lib/writes/driver-call.js';
import { effectOf } from '../../../lib/writes/call-effect.js';

type Effect = NonNullable<ReturnType<typeof effectOf>>;
type Values = readonly { readonly value: unknown; readonly documentId?: unknown }[];

/** A call of the driver, with its arguments. */
export type Call = readonly [method: string, ...args: unknown[]];

/** What a call does, as a table shows it. */
export interface Shown {
  readonly hits: readonly string[];
  /** The paths of which it may make a document lose a value. */
  readonly drops: string;
}

const schema = new Schema(
  { image: String, gallery: [String], title: String },
  { autoIndex: false, autoCreate: false },
);
schema.plugin(imageCleanup, { fields: ['image', 'gallery'], enabled: false });
const Album = new mongoose.Mongoose().model('Album', schema);

export function effectOfCall([method, ...args]: Call): Effect | undefined {
  return effectOf(new DriverCall(undefined as never, method, args), trackedOf(Album as never));
}

export function shown(effect: Effect | undefined): Shown | 'nothing' {
  if (!effect) return 'nothing';
  return {
    hits: effect.targets.map(hit),
    drops: effect.tracked.map(({ field }) => field.path).join(', '),
  };
}

function hit({ filter, limit, sort, collation, hint }: Effect['targets'][number]): string {
  const more = [
    limit === undefined ? [] : [`limit ${String(limit)}`],
    sort === undefined ? [] : [sort === null ? 'no sort' : `sort ${json(sort)}`],
    collation === undefined ? [] : [`collation ${json(collation)}`],
    hint === undefined ? [] : [`hint ${json(hint)}`],
  ];
  return [json(filter), ...more.flat()].join(', ');
}

function json(value: unknown): string {
  return JSON.stringify(value).replaceAll('"', '');
}

/** `a.png of 1`: a value, and the document that holds it if it is known. */
export function valuesOf(stored: Values = []): string[] {
  return stored.map(({ value, documentId }) =>
    documentId === undefined ? String(value) : `${String(value)} of ${String(documentId)}`,
  );
}
