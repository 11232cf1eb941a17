import type { mongo } from 'mongoose';
import { identityOfFile, type IntendedFile, type IntentDocument } from './intent.js';
import type { Journal } from './journal.js';
import { literals } from './intent-updates.js';

const OPEN = { dueAt: { $type: 'date' as const } };

/**
 * Returns those of these files, by `identityOfFile`, that a later write has dropped again, so that their wait began
 * anew. On all machines, since the writer may be on another machine than the file.
 */
export async function droppedAgain(
  journal: Journal,
  files: readonly IntendedFile[],
  since: Date,
): Promise<Set<string>> {
  const keys = files.map(({ key }) => key);
  return filesIn(journal, keys, { writtenAt: { $gt: since }, graceMs: { $gt: 0 } });
}

/** The files, by `identityOfFile`, in open intents that name these keys. */
export async function waiting(journal: Journal, keys: readonly string[]): Promise<Set<string>> {
  return filesIn(journal, keys, {});
}

async function filesIn(
  { collection }: Journal,
  keys: readonly string[],
  filter: mongo.Filter<IntentDocument>,
): Promise<Set<string>> {
  const open = collection.find(
    { 'values.files.key': { $in: [...keys] }, ...filter, ...OPEN },
    { projection: { 'values.files': 1 } },
  );
  const found = new Set<string>();
  for await (const { values } of open)
    for (const file of values.flatMap(({ files }) => files)) found.add(identityOfFile(file));
  return found;
}

/**
 * Removes values of older intents for files that have just been removed, from the disk of this machine or from a shared
 * storage. Keeps newer intents, which may be about a later upload, and values that could also mean another file.
 */
export async function forget(
  { collection }: Journal,
  removed: ReadonlyMap<string, { readonly asset: { readonly key: string } }>,
  { machine, before }: { machine: string | undefined; before: Date },
): Promise<void> {
  const older = collection.find({
    'values.files.key': { $in: [...removed.values()].map(({ asset }) => asset.key) },
    machine: machine ?? null,
    writtenAt: { $lt: before },
    ...OPEN,
  } as mongo.Filter<IntentDocument>);
  for await (const { _id, values } of older) {
    const left = values.filter(({ files }) => !files.every((file) => removed.has(identityOfFile(file))));
    if (left.length === 0) await collection.deleteOne({ _id });
    else if (left.length < values.length)
      await collection.updateOne({ _id }, [{ $set: literals({ values: left }) }]);
  }
}
