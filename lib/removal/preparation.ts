import type { AnyModel, CleanupOptions } from '../options.js';
import {
  identityOf,
  inBatches,
  type Candidate,
  type Candidates,
  type Entry,
  type Write,
} from './candidates.js';
import { fingerprintsOf } from './fingerprints.js';
import { isProtected } from './keep.js';
import { ownerOf, refusalOf, type Owner } from './owner.js';
import { protectedDefaults } from './references.js';
import type { Reporter } from './reporter.js';
import { asError } from './time-limit.js';

/** For whom candidates are prepared. */
export interface Preparing {
  readonly model: AnyModel;
  readonly options: CleanupOptions;
  readonly reporter: Reporter;
  readonly isClosed: boolean;
}

const BATCH = 500;

/**
 * From candidates to entries: identifies, applies the rules, and notes which content is meant. All of it when the write
 * was acknowledged, since files may be written anew while a removal waits. What stays is reported.
 */
export async function prepareEntries(
  candidates: Candidates,
  write: Write,
  preparing: Preparing,
): Promise<Entry[]> {
  const { model, options, reporter } = preparing;
  let defaults: readonly unknown[];
  try {
    defaults = protectedDefaults(model, options);
  } catch (thrown) {
    reporter.keep(candidates.values(), write.operation, 'unanswered', asError(thrown));
    return [];
  }
  const entries: Entry[] = [];
  const seen = new Set<string>();
  const written = await fingerprintsOfWritten(write, options);
  for (const batch of inBatches(candidates.values(), BATCH)) {
    const judged = batch.flatMap((candidate) => judge(candidate, write, preparing, seen, defaults) ?? []);
    const fingerprints = await fingerprintsOf(judged, options.timeoutMs);
    judged.forEach((one, index) => {
      const fingerprint = fingerprints[index];
      if (fingerprint instanceof Error) {
        reporter.keep([one], write.operation, 'unanswered', fingerprint);
        return;
      }
      const entry = entryOf(one, fingerprint, write, model);
      if (fingerprint && isOtherNameOf(entry, written.get(fingerprint))) {
        reporter.outcome(entry, { outcome: 'kept', reason: 'changed' });
      } else entries.push(entry);
    });
  }
  return entries;
}

type Judged = Candidate & Owner;

/** `undefined`: the value is nobody's, protected, or one that was judged before. */
function judge(
  candidate: Candidate,
  { operation }: Write,
  { model, reporter, isClosed }: Preparing,
  seen: Set<string>,
  defaults: readonly unknown[],
): Judged | undefined {
  const { value, tracked, documentId } = candidate;
  const { options, field } = tracked;
  const owner = ownerOf(value, options.providers);
  if (!owner) {
    reporter.keep([candidate], operation, refusalOf(value, options.providers));
    return undefined;
  }
  const identity = identityOf(owner.asset);
  if (seen.has(identity)) return undefined;
  seen.add(identity);
  if (isClosed) {
    reporter.keep([candidate], operation, 'closed');
    return undefined;
  }
  const about = { asset: owner.asset, field: field.path, model: model.modelName, documentId, operation };
  if (isProtected({ value, ...owner }, about, options, defaults)) {
    reporter.keep([candidate], operation, 'protected');
    return undefined;
  }
  const { asset, provider } = owner;
  return { value, tracked, documentId, asset, provider };
}

/** Spelled out: a copy by `...` takes four times the time and the memory, and a large write has one for every file. */
function entryOf(
  { value, tracked, documentId, asset, provider }: Judged,
  fingerprint: string | null | undefined,
  { operation, alsoAsking }: Write,
  { modelName: model, collection: { name: collection } }: AnyModel,
): Entry {
  return {
    value,
    tracked,
    documentId,
    asset,
    provider,
    fingerprint,
    operation,
    model,
    collection,
    alsoAsking,
    attempts: 0,
  };
}

/** A write may store another name of the same file: `a.png` for `A.png` on a case-blind disk, or a hard link. */
async function fingerprintsOfWritten(
  { written = [] }: Write,
  { providers, timeoutMs }: CleanupOptions,
): Promise<Map<string, Set<string>>> {
  const owners = written.flatMap((value) => ownerOf(value, providers) ?? []);
  const names = new Map<string, Set<string>>();
  const fingerprints = await fingerprintsOf(owners, timeoutMs);
  owners.forEach(({ asset }, index) => {
    const fingerprint = fingerprints[index];
    if (typeof fingerprint === 'string') {
      names.set(fingerprint, (names.get(fingerprint) ?? new Set()).add(identityOf(asset)));
    }
  });
  return names;
}

function isOtherNameOf(entry: Entry, names: ReadonlySet<string> | undefined): boolean {
  return names !== undefined && !names.has(identityOf(entry.asset));
}
