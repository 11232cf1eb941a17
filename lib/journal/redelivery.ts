import type { StorageProvider } from '../providers/provider.js';
import { Candidates, type DroppedFile, type Source } from '../removal/candidates.js';
import type { Cleaner } from '../removal/cleaner.js';
import { askingOf, sourceOfNoField } from '../removal/cleaners.js';
import { identityOf, kindOf, meaningOf, readingsIn } from '../usage/meaning.js';
import { announceAnew } from './announce-anew.js';
import { JournalEntry } from './entry.js';
import { fullNameOf } from './entry-for.js';
import { droppedAgain } from './files-of-intents.js';
import { identityOfFile, type Intent, type IntendedFile, type IntendedValue } from './intent.js';
import type { Journal } from './journal.js';
import { flawOf } from './intent-flaws.js';
import { collectionNotAsked } from './collection-not-asked.js';

/** Why a worker leaves an intent to others. */
export type Obstacle = string;

/** What is needed to deliver intents: the cleaners of the models that a worker knows. */
export interface Known {
  readonly journal: Journal;
  readonly cleaners: readonly Cleaner[];
  /** Called with the values of the intent that failed for good. */
  readonly onFailed?: (values: readonly IntendedValue[]) => void;
}

/**
 * Asks about the files of an intent, and removes those that nothing uses. Resolves when each file has an outcome that
 * the journal has recorded, or with the obstacle if this process cannot deliver the intent.
 */
export async function redeliver(intent: Intent, known: Known): Promise<Obstacle | undefined> {
  const { journal } = known;
  const flaw = flawOf(intent);
  if (flaw !== undefined) {
    await journal.refuse(intent, flaw);
    return undefined;
  }
  const means = meansFor(intent, known);
  if (typeof means === 'string') return means;
  const { cleaner, others, sourceOf } = means;
  const unasked = await collectionNotAsked(intent, { cleaner, others, journal });
  if (unasked !== undefined)
    return `no model in this process reads the collection "${unasked}", which may use files of "${intent.model}"`;
  const entry = new JournalEntry(journal, cleaner, { graceMs: 0, onFailed: known.onFailed }).continue(intent);
  const candidates = new Candidates({
    model: cleaner.model,
    operation: intent.operation,
    isDelete: intent.isDelete,
    since: performance.now(),
    journal: entry,
    ...(others.length > 0 && { alsoAsking: others.map(askingOf) }),
  });
  const isLater = await laterOnes(intent, journal);
  const isUploadedAnew = await announceAnew(intent, { cleaner, journal, sourceOf });
  const meant = new Map<string, IntendedFile>();
  for (const value of intent.values) {
    const source = sourceOf(value)!;
    if (value.files.every(isLater) || isUploadedAnew(value)) continue;
    if (!isStillMeant(value, source)) {
      entry.refused(value.files, 'the value now means another file than when it was noted');
      continue;
    }
    // if a value could mean several files, a later intent may name one of them, while this one still names another
    for (const file of value.files) if (!isLater(file)) meant.set(identityOfFile(file), file);
    for (const documentId of value.documentIds.length > 0 ? value.documentIds : [undefined])
      candidates.add({ value: value.value, source, documentId });
  }
  await cleaner.redeliver(candidates, (file) => takeMeantContent(file, meant));
  await entry.done;
}

/** The model that delivers an intent, and how its values are read. */
interface Means {
  readonly cleaner: Cleaner;
  /** Other models that must be asked as well. */
  readonly others: readonly Cleaner[];
  readonly sourceOf: (value: IntendedValue) => Source | undefined;
}

function meansFor(intent: Intent, { journal, cleaners }: Known): Means | Obstacle {
  const cleaner = cleaners.find(
    ({ model }) => model.modelName === intent.model && model.db === journal.connection,
  );
  if (!cleaner) return `there is no model "${intent.model}" with the plugin`;
  const off = switchOf(cleaner);
  if (off !== undefined) return off;
  const others = othersOf(intent, cleaners);
  if (typeof others === 'string') return others;
  const sourceOf = sourcesOf(cleaner, others);
  const obstacle = intent.values
    .map((value) => obstacleOf(value, { source: sourceOf(value), intent }))
    .find((one) => one !== undefined);
  return obstacle ?? { cleaner, others, sourceOf };
}

/**
 * Whether a provider still reads the value as one of the recorded files. Somebody who can write to the journal cannot
 * name other files.
 */
function isStillMeant({ value, files }: IntendedValue, { providers }: Source): boolean {
  const identities = new Set(readingsIn(meaningOf(value, providers)).map(identityOf));
  return files.some((file) => identities.has(identityOfFile(file)));
}

/** `false`: the file was not recorded; another reading of the value led to it. */
function takeMeantContent(file: DroppedFile, meant: ReadonlyMap<string, IntendedFile>): boolean {
  const intended = meant.get(identityOf(file));
  if (intended?.fingerprint !== undefined) file.fingerprint = intended.fingerprint;
  return intended !== undefined;
}

/** A file that was dropped again belongs to a later intent, and its wait began anew. */
async function laterOnes(intent: Intent, journal: Journal): Promise<(file: IntendedFile) => boolean> {
  if (intent.graceMs === 0) return () => false;
  const files = intent.values.flatMap((value) => value.files);
  const later = await droppedAgain(journal, files, intent.writtenAt);
  return (file) => later.has(identityOfFile(file));
}

/** A worker removes nothing if the app itself would not. It leaves the intent to a process that may. */
function switchOf(cleaner: Cleaner): Obstacle | undefined {
  const { modelName } = cleaner.model;
  if (!cleaner.isEnabled()) return `the option "enabled" of "${modelName}" is off`;
  return cleaner.options.isDryRun() ? `the option "dryRun" of "${modelName}" is on` : undefined;
}

function obstacleOf(
  { field, files }: IntendedValue,
  { source, intent: { model, machine } }: { source: Source | undefined; intent: Intent },
): Obstacle | undefined {
  if (!source) return `the model "${model}" tracks no field "${String(field)}"`;
  const isOfMachine = (one: StorageProvider): boolean => machine === undefined || one.machine === machine;
  const kinds = new Set(source.providers.filter(isOfMachine).map(kindOf));
  const foreign = files.find(({ kind }) => !kinds.has(kind));
  const where = machine === undefined ? '' : ` of the machine "${machine}"`;
  return foreign && `"${model}" has no provider "${foreign.provider}"${where}`;
}

/** Where a value of an intent was stored; `undefined` if the model no longer has this field. */
function sourcesOf(
  cleaner: Cleaner,
  others: readonly Cleaner[],
): (value: IntendedValue) => Source | undefined {
  const ofNoField = sourceOfNoField(cleaner, others);
  return ({ field }) =>
    field === null ? ofNoField : cleaner.tracked.find((one) => one.field.path === field);
}

/**
 * Other models that must be asked, or which of them is missing. Several servers may have databases and models of the
 * same names.
 */
function othersOf({ alsoAsking = [] }: Intent, cleaners: readonly Cleaner[]): Cleaner[] | Obstacle {
  const others: Cleaner[] = [];
  for (const name of new Set(alsoAsking)) {
    const known = cleaners.filter((one) => fullNameOf(one) === name);
    if (known.length < alsoAsking.filter((one) => one === name).length)
      return `there is no model "${name}", which may use the files`;
    others.push(...known);
  }
  return others;
}
