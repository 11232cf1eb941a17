import { Candidates, type DroppedFile, type Source } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { identityOf, kindOf } from '../usage/reading.js';
import type { Asking } from '../usage/scope.js';
import { JournalEntry } from './entry.js';
import { identityOfFile, type Intent, type IntendedFile, type IntendedValue } from './intent.js';
import type { Journal } from './journal.js';

/** Why a worker leaves an intent to others. */
export type Obstacle = string;

/** Who can deliver intents: the cleaners of the models that a worker knows. */
export interface Known {
  readonly journal: Journal;
  readonly cleaners: readonly Cleaner[];
}

/**
 * Asks about the files of an intent, and removes what nobody uses. Resolves when each has an outcome and the journal knows
 * it; with what is missing where this process cannot do it.
 */
export async function redeliver(intent: Intent, { journal, cleaners }: Known): Promise<Obstacle | undefined> {
  const cleaner = cleaners.find(
    ({ model }) => model.modelName === intent.model && model.db === journal.connection,
  );
  if (!cleaner) return `there is no model "${intent.model}" with the plugin`;
  const asking = alsoAsking(intent, cleaners);
  if (typeof asking === 'string') return asking;
  const obstacle = intent.values.map((value) => obstacleOf(value, cleaner)).find((one) => one !== undefined);
  if (obstacle !== undefined) return obstacle;
  const { timeoutMs } = cleaner.options;
  const entry = JournalEntry.of(journal, intent, { timeoutMs, track: (work) => cleaner.track(work) });
  const candidates = new Candidates({
    model: cleaner.model,
    operation: intent.operation,
    isDelete: intent.isDelete,
    since: performance.now(),
    journal: entry,
    ...(asking.length > 0 && { alsoAsking: asking }),
  });
  const isDroppedAgain = await droppedAgain(intent, journal);
  for (const value of intent.values) {
    if (isDroppedAgain(value)) continue;
    const source = sourceOf(value, cleaner)!;
    const stored = value.value;
    if (value.documentIds.length === 0) candidates.add({ value: stored, source });
    for (const documentId of value.documentIds) candidates.add({ value: stored, source, documentId });
  }
  const meant = new Map(
    intent.values.flatMap(({ files }) => files.map((file) => [identityOfFile(file), file])),
  );
  await cleaner.redeliver(candidates, (file) => isMeant(file, { meant, entry }));
  await entry.done;
  return undefined;
}

/** A file that the intent names, with the content that it means; any other is none that a write has dropped. */
function isMeant(
  file: DroppedFile,
  { meant, entry }: { meant: ReadonlyMap<string, IntendedFile>; entry: JournalEntry },
): boolean {
  const intended = meant.get(identityOf(file));
  if (!intended) {
    entry.refused([...meant.keys()], 'the value means another file by now than when it was noted');
    return false;
  }
  if (intended.fingerprint !== undefined) file.fingerprint = intended.fingerprint;
  return true;
}

/** The time of a file that was dropped again has begun anew, with another intent. */
async function droppedAgain(intent: Intent, journal: Journal): Promise<(value: IntendedValue) => boolean> {
  if (intent.graceMs === 0) return () => false;
  const keys = intent.values.flatMap(({ files }) => files.map(({ key }) => key));
  const later = await journal.droppedAgain(keys, intent.writtenAt);
  return ({ files }) => files.some(({ key }) => later.has(key));
}

function obstacleOf(value: IntendedValue, cleaner: Cleaner): Obstacle | undefined {
  const source = sourceOf(value, cleaner);
  if (!source) return `the model "${cleaner.model.modelName}" tracks no field "${String(value.field)}"`;
  const kinds = new Set(source.providers.map(kindOf));
  const foreign = value.files.find(({ kind }) => !kinds.has(kind));
  return foreign && `"${cleaner.model.modelName}" has no provider "${foreign.provider}"`;
}

function sourceOf({ field }: IntendedValue, { tracked, options, providers }: Cleaner): Source | undefined {
  if (field !== null) return tracked.find((one) => one.field.path === field);
  return { field: null, options, providers, keep: [...new Set(tracked.flatMap(({ keep }) => keep))] };
}

/** The name of a model among those of several databases. */
export function fullNameOf({ model }: Cleaner): string {
  return `${model.db.name}.${model.modelName}`;
}

/** Models that must be asked as well, or which of them is missing. */
function alsoAsking({ alsoAsking: names = [] }: Intent, cleaners: readonly Cleaner[]): Asking[] | Obstacle {
  const asking: Asking[] = [];
  for (const name of names) {
    const cleaner = cleaners.find((one) => fullNameOf(one) === name);
    if (!cleaner) return `there is no model "${name}", which may use the files`;
    asking.push({ model: cleaner.model, references: cleaner.options.references });
  }
  return asking;
}
