import type { mongo } from 'mongoose';
import type { IntendedValue, Intent, IntentDocument, NewIntent } from './intent.js';

type Update = mongo.AnyBulkWriteOperation<IntentDocument>;

/** The values of an intent by their results, and what becomes of them. */
export interface Next {
  readonly again: readonly IntendedValue[];
  readonly failed: readonly IntendedValue[];
  readonly settled: readonly IntendedValue[];
  readonly waitMs: number;
  readonly keepSettledMs: number;
}

/** Stores an intent that is due after `waitMs`. An update, since an insert cannot use the server's clock. */
export function storing({ _id, ...intent }: NewIntent, waitMs: number): Update {
  const times = { writtenAt: '$$NOW', dueAt: { $add: ['$$NOW', waitMs] } };
  return {
    updateOne: { filter: { _id }, update: [{ $set: { ...literals(intent), ...times } }], upsert: true },
  };
}

/** Replaces an intent with those of its parts that are kept. */
export function replacing(intent: Intent, next: Next, newId: () => mongo.ObjectId): Update[] {
  const { again, failed, settled, waitMs, keepSettledMs } = next;
  const { _id, tries, dueAt: _due, claim: _claim, ...rest } = intent;
  const facts = { ...rest, tries, from: rest.from ?? _id };
  const part = (values: readonly IntendedValue[], times: readonly mongo.Document[]): Update => {
    const update = [literals({ ...facts, values }), ...times].map((fields) => ({ $set: fields }));
    return { updateOne: { filter: { _id: newId() }, update, upsert: true } };
  };
  const updates: Update[] = [];
  if (failed.length > 0) updates.push(part(failed, [{ failedAt: '$$NOW' }]));
  if (settled.length > 0 && keepSettledMs > 0) {
    const expiresAt = { $add: ['$settledAt', keepSettledMs] };
    updates.push(part(settled, [{ settledAt: '$$NOW' }, { expiresAt }]));
  }
  if (again.length === 0) return [...updates, { deleteOne: { filter: { _id } } }];
  const left = { ...literals({ values: again, tries: tries + 1 }), dueAt: { $add: ['$$NOW', waitMs] } };
  return [...updates, { updateOne: { filter: { _id }, update: [{ $set: left }, { $unset: 'claim' }] } }];
}

/** Values of documents may begin with a dollar sign. */
export function literals(fields: object): mongo.Document {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, { $literal: value as unknown }]),
  );
}
