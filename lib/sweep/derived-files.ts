import { asError } from '../shared/time-limit.js';
import type { Reading } from '../usage/meaning.js';
import { comparableKey, KeyTable } from './key-table.js';
import { PackedAssets } from './packed-assets.js';
import type { Listed, SweepRun } from './run.js';

/** Records that a file stays, and with it its derived files; with `isUsed`, because a document uses it. */
export function stays({ derived, table, used }: SweepRun, original: Reading, isUsed = false): void {
  if (!derived.areAny) return;
  for (const one of derived.stayWith(original))
    if (isUsed && table.has(comparableKey(one))) used.noteUsedElsewhere(one);
}

/** Originals may be outside of the folder that is swept. They stay, and so do their derived files. */
export async function stayOutside(run: SweepRun, { provider }: Listed['storage']): Promise<void> {
  const { dotFiles, prefix, signal } = run.options;
  if (prefix === undefined || !run.derived.areAny) return;
  for await (const { asset } of provider.list!({ dotFiles, ...(signal && { signal }) })) {
    const reading = { asset, provider };
    if (!run.table.has(comparableKey(reading))) stays(run, reading);
  }
}

/** The candidates without the files derived from files that stay. Needs to know all files that stay. */
export function withoutDerived(run: SweepRun, { storage, candidates }: Listed): Listed {
  const { derived, counts, bytes } = run;
  if (!derived.areAny) return { storage, candidates };
  const orphans = new PackedAssets();
  for (const { key, details } of candidates) {
    const reading = readingOf(storage, key);
    // this call also shows whether the derived files are known
    derived.of(reading);
    if (derived.has(reading)) {
      counts.orphans--;
      counts.used++;
      bytes.orphans -= details?.size ?? 0;
    } else orphans.add(key, details);
  }
  return { storage, candidates: orphans };
}

/** If the derived files of a file are not known, any orphan may be one of them. */
export function refuseUnknown(run: SweepRun): void {
  const { problem } = run.derived;
  if (problem) run.refuse('unanswered-references', asError(problem).message, problem);
}

/** The orphans in the order of removal: a derived file comes after its original. */
export function originalsFirst(run: SweepRun, { storage, candidates }: Listed): readonly Listed[] {
  if (!run.derived.areAny) return [{ storage, candidates }];
  const made = new KeyTable();
  for (const { key } of candidates)
    for (const one of run.derived.of(readingOf(storage, key))) made.add(comparableKey(one));
  const [first, then] = [new PackedAssets(), new PackedAssets()];
  for (const { key, details } of candidates)
    (made.has(comparableKey(readingOf(storage, key))) ? then : first).add(key, details);
  return [
    { storage, candidates: first },
    { storage, candidates: then },
  ];
}

function readingOf({ provider }: Listed['storage'], key: string): Reading {
  return { asset: { provider: provider.name, key }, provider };
}
