import mongoose from 'mongoose';
import { missing, type Ability } from './mongodb/abilities.js';

const [major = 0, minor = 0] = mongoose.version.split('.').map(Number);

/** Declares one, as `it` or `describe` do. */
type Declare<T> = (
  title: string,
  body: (this: T extends Mocha.Suite ? Mocha.Suite : Mocha.Context) => unknown,
) => T;

/** The Mongoose that the specs run with. What a major cannot do is skipped by these names. */
export const mongooseMajor = major;

const isAtLeast = (wantedMajor: number, wantedMinor: number): boolean =>
  major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);

/** `pre('bulkWrite')`, and with it `bulkSave`: not in Mongoose 7. */
export const hasBulkWriteHooks = isAtLeast(8, 2);

/** Whether Mongoose runs hooks for a call, by the call's name in a table of calls, or by code that makes it. */
export function hasHooks(call: string): boolean {
  return hasBulkWriteHooks || !/bulk(?:Write|Save)/.test(call);
}

/** What a call needs of MongoDB, by the call's name in a table of calls. */
export function needsOf(call: string): readonly Ability[] {
  return [
    ...(/pipeline/.test(call) ? ['updates by pipelines' as const] : []),
    ...(/transaction/.test(call) ? ['transactions' as const] : []),
  ];
}

/** `doc.save({ pathsToSave })`. */
export const hasPathsToSave = isAtLeast(8, 7);

/** `middleware: false` among the options of a call; without it Mongoose runs the hooks. */
export const hasMiddlewareOption = isAtLeast(9, 2);

/** `doc.updateOne([…])`: Mongoose 8 throws "Cannot mix array and object updates", with the plugin and without. */
export const hasPipelineOfDocumentUpdate = mongooseMajor !== 8;

const isMongoose82 = major === 8 && minor === 2;

/** `doc.nested = {}` is written: 8.2 writes nothing, with the plugin and without. */
export const savesEmptyNestedPaths = !isMongoose82;

/**
 * `bulkSave` tells of documents that it did not find, of its errors, and that it is no `bulkWrite`: 8.2 does not, with the plugin
 * and without.
 */
export const hasTellingBulkSave = hasBulkWriteHooks && !isMongoose82;

/** `sort` of `updateOne` and `replaceOne`: the driver sends it since 6.13. */
export const hasSortOfOneUpdate = isAtLeast(8, 10);

/** `transactionAsyncLocalStorage`: sessions found without naming them. */
export const hasTransactionAsyncLocalStorage = mongooseMajor === 7 || isAtLeast(8, 4);

/** Declares a group of specs, or skips it by name: where Mongoose cannot do what it shows, or MongoDB cannot do what it needs. */
export function describeIf(isPossible: boolean, ...needed: readonly Ability[]): Declare<Mocha.Suite> {
  const lacking = missing(needed);
  if (isPossible && lacking.length === 0) return describe;
  return (title, body) => describe.skip(withReason(title, lacking), body as never) as Mocha.Suite;
}

/** Declares a spec, or skips it by name. */
export function itIf(isPossible: boolean, ...needed: readonly Ability[]): Declare<Mocha.Test> {
  const lacking = missing(needed);
  if (isPossible && lacking.length === 0) return it;
  return (title, body) => it.skip(withReason(title, lacking), body as never);
}

/** Declares a group of specs, or skips it by name where MongoDB cannot do what it needs. */
export function describeWith(...needed: readonly Ability[]): Declare<Mocha.Suite> {
  return describeIf(true, ...needed);
}

/** Declares a spec, or skips it by name where MongoDB cannot do what it needs. */
export function itWith(...needed: readonly Ability[]): Declare<Mocha.Test> {
  return itIf(true, ...needed);
}

function withReason(title: string, lacking: readonly Ability[]): string {
  return lacking.length === 0 ? title : `${title} (this MongoDB has no ${lacking.join(', no ')})`;
}
