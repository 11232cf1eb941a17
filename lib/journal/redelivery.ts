import { Candidates, type DroppedFile, type Source } from '../removal/candidates.js';
import { askingOf, sourceOfNoField, type Cleaner } from '../removal/cleaner.js';
import { identityOf, kindOf, meaningOf, readingsIn } from '../usage/reading.js';
import { JournalEntry } from './entry.js';
import { identityOfFile, type Intent, type IntendedFile, type IntendedValue } from './intent.js';
import type { Journal } from './journal.js';

/** Why a worker leaves an intent to others. */
export type Obstacle = string;

/** Who can deliver intents: the cleaners of the models that a worker knows. */
export interface Known {
  readonly journal: Journal;
  readonly cleaners: readonly Cleaner[];
  /** Gets the values of the intent that failed for good. */
  readonly onFailed?: (values: readonly IntendedValue[]) => void;
}

/**
 * Asks about the files of an intent, and removes what nobody uses. Resolves when each has an outcome and the journal knows
 * it; with what is missing where this process cannot do it.
 */
export async function redeliver(intent: Intent, known: Known): Promise<Obstacle | undefined> {
  const { journal, cleaners } = known;
  const cleaner = cleaners.find(
    ({ model }) => model.modelName === intent.model && model.db === journal.connection,
  );
  if (!cleaner) return `there is no model "${intent.model}" with the plugin`;
  const others = othersOf(intent, cleaners);
  if (typeof others === 'string') return others;
  const sourceOf = sourcesOf(cleaner, others);
  const obstacle = intent.values
    .map((value) => obstacleOf(value, { source: sourceOf(value), model: intent.model }))
    .find((one) => one !== undefined);
  if (obstacle !== undefined) return obstacle;
  const entry = entryOf(intent, cleaner, known);
  const candidates = new Candidates({
    model: cleaner.model,
    operation: intent.operation,
    isDelete: intent.isDelete,
    since: performance.now(),
    journal: entry,
    ...(others.length > 0 && { alsoAsking: others.map(askingOf) }),
  });
  const isDroppedAgain = await droppedAgain(intent, journal);
  const meant = new Map<string, IntendedFile>();
  for (const value of intent.values) {
    const source = sourceOf(value)!;
    if (isDroppedAgain(value)) continue;
    if (!isStillMeant(value, source)) {
      entry.refused(value.files, 'the value means another file by now than when it was noted');
      continue;
    }
    for (const file of value.files) meant.set(identityOfFile(file), file);
    const ids = value.documentIds.length > 0 ? value.documentIds : [undefined];
    for (const documentId of ids) candidates.add({ value: value.value, source, documentId });
  }
  await cleaner.redeliver(candidates, (file) => takeMeantContent(file, meant));
  await entry.done;
  return undefined;
}

function entryOf(intent: Intent, cleaner: Cleaner, { journal, onFailed }: Known): JournalEntry {
  const { timeoutMs } = cleaner.options;
  return JournalEntry.of(journal, intent, { timeoutMs, track: (work) => cleaner.track(work), onFailed });
}

/** Is the value read as one of the files that were noted for it? Whoever can write to the journal cannot name others. */
function isStillMeant({ value, files }: IntendedValue, { providers }: Source): boolean {
  const identities = new Set(readingsIn(meaningOf(value, providers)).map(identityOf));
  return files.some((file) => identities.has(identityOfFile(file)));
}

/** `false`: a file that was not noted, which one of several readings led to. */
function takeMeantContent(file: DroppedFile, meant: ReadonlyMap<string, IntendedFile>): boolean {
  const intended = meant.get(identityOf(file));
  if (intended?.fingerprint !== undefined) file.fingerprint = intended.fingerprint;
  return intended !== undefined;
}

/** The time of a file that was dropped again has begun anew, with another intent. */
async function droppedAgain(intent: Intent, journal: Journal): Promise<(value: IntendedValue) => boolean> {
  if (intent.graceMs === 0) return () => false;
  const keys = intent.values.flatMap(({ files }) => files.map(({ key }) => key));
  const later = await journal.droppedAgain(keys, intent.writtenAt);
  return ({ files }) => files.some(({ key }) => later.has(key));
}

function obstacleOf(
  { field, files }: IntendedValue,
  { source, model }: { source: Source | undefined; model: string },
): Obstacle | undefined {
  if (!source) return `the model "${model}" tracks no field "${String(field)}"`;
  const kinds = new Set(source.providers.map(kindOf));
  const foreign = files.find(({ kind }) => !kinds.has(kind));
  return foreign && `"${model}" has no provider "${foreign.provider}"`;
}

/** Where a value of an intent stood; `undefined`: the model has no such field any more. */
function sourcesOf(
  cleaner: Cleaner,
  others: readonly Cleaner[],
): (value: IntendedValue) => Source | undefined {
  const ofNoField = sourceOfNoField(cleaner, others);
  return ({ field }) =>
    field === null ? ofNoField : cleaner.tracked.find((one) => one.field.path === field);
}

/** The name of a model among those of several databases. */
export function fullNameOf({ model }: Cleaner): string {
  return `${model.db.name}.${model.modelName}`;
}

/** Models that must be asked as well, or which of them is missing. */
function othersOf({ alsoAsking = [] }: Intent, cleaners: readonly Cleaner[]): Cleaner[] | Obstacle {
  const others: Cleaner[] = [];
  for (const name of alsoAsking) {
    const cleaner = cleaners.find((one) => fullNameOf(one) === name);
    if (!cleaner) return `there is no model "${name}", which may use the files`;
    others.push(cleaner);
  }
  return others;
}
