import { isDeepStrictEqual } from 'node:util';
import type { AnyModel, CleanupOptions, KeepRule } from '../options.js';
import type { Owner, Storage } from '../sweep/storages.js';
import { trackedOf } from '../tracking.js';
import type { Examination } from './examination.js';

/** Why it matters that models over one storage agree, by option. */
const REASONS = {
  enabled: 'a file that both name goes or stays by whose document was written',
  dryRun: 'a file that both name goes or stays by whose document was written',
  keep: "a file that one model's rules protect goes when the other drops it",
  removal: 'callers of one wait for the storage, callers of the other do not',
  mentionsUpTo: 'mentions that keep a file for one model do not keep it for the other',
  maxDocuments: 'the same write is too large for one model and not for the other',
} as const;

type Compared = Readonly<Record<keyof typeof REASONS, unknown>>;

/** Models over one storage that would treat its files in different ways. */
export function compareSettings(run: Examination): void {
  run.begin('settings');
  for (const storage of run.storages) {
    compareIn(run, storage);
    findNarrowReferences(run, storage);
  }
}

function compareIn(run: Examination, { label, owners }: Storage): void {
  const [first, ...others] = firstOfEachModel(owners);
  if (!first) return;
  const known = comparedOf(first);
  for (const name of Object.keys(REASONS) as (keyof typeof REASONS)[]) {
    const other = others.find((one) => !isSameSetting(known[name], comparedOf(one)[name]));
    if (!other) continue;
    const [one, two] = [first, other].map(({ model }) => model.modelName);
    run.find({
      kind: 'differing-options',
      about: label,
      message: `the models "${one!}" and "${two!}" keep files there and differ in the option "${name}": ${REASONS[name]}`,
      advice: `give both the same "${name}"`,
    });
  }
}

function firstOfEachModel(owners: readonly Owner[]): Owner[] {
  return owners.filter((owner, index) => owners.findIndex(({ model }) => model === owner.model) === index);
}

function comparedOf({ model, options }: Owner): Compared {
  const { given, removal, mentionsUpTo, maxDocuments } = options;
  const { enabled = true, dryRun = false } = given;
  return { enabled, dryRun, keep: keepOf(model), removal, mentionsUpTo, maxDocuments };
}

function keepOf(model: AnyModel): KeepRule[] {
  return [...new Set(trackedOf(model).flatMap(({ keep }) => keep))];
}

/** Rules in another order are the same, and so are functions of the same text, such as those of a factory. */
function isSameSetting(one: unknown, other: unknown): boolean {
  return isDeepStrictEqual(comparable(one), comparable(other));
}

function comparable(setting: unknown): unknown {
  if (Array.isArray(setting)) return setting.map((one) => String(one)).sort();
  return typeof setting === 'function' ? String(setting) : setting;
}

function findNarrowReferences(run: Examination, { label, owners }: Storage): void {
  const models = firstOfEachModel(owners);
  for (const { model, options } of models) {
    const { scope } = options.references;
    const others = models.filter((one) => one.model !== model && !isAsked(one.model, model, options));
    if (scope === 'connection' || others.length === 0) continue;
    const names = others.map((one) => `"${one.model.modelName}"`).join(', ');
    run.find({
      kind: 'narrow-references',
      about: model.modelName,
      message: `references: '${scope}' leaves out ${names}, which also keeps files in ${label}: a file that both name would be lost`,
      advice: `leave "references" out (the whole connection is asked), or add the models to it`,
    });
  }
}

function isAsked(other: AnyModel, model: AnyModel, { references }: CleanupOptions): boolean {
  if (other.db === model.db && other.collection.name === model.collection.name) return true;
  return references.sources.some((source) => {
    const named = typeof source === 'object' ? source.model : source;
    return named === other || named === other.modelName;
  });
}
