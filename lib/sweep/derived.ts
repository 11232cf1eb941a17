import { asError } from '../shared/time-limit.js';
import type { Reading } from '../usage/reading.js';
import { comparableKey, KeyTable } from './key-table.js';
import { PackedAssets } from './packed-assets.js';
import type { Listed, SweepRun } from './run.js';

/** A file stays, and what is made from it; with `isUsed` a document uses it. */
export function stays({ derived, table, used }: SweepRun, original: Reading, isUsed = false): void {
  if (!derived.areAny) return;
  for (const one of derived.stayWith(original))
    if (isUsed && table.has(comparableKey(one))) used.noteUsedElsewhere(one);
}

/** Originals may lie outside of the folder that is swept: they stay, and what is made from them. */
export async function stayOutside(run: SweepRun, { provider }: Listed['storage']): Promise<void> {
  const { dotFiles, prefix, signal } = run.options;
  if (prefix === undefined || !run.derived.areAny) return;
  for await (const { asset } of provider.list!({ dotFiles, ...(signal && { signal }) })) {
    const reading = { asset, provider };
    if (!run.table.has(comparableKey(reading))) stays(run, reading);
  }
}

/** Seeming orphans without what is made from files that stay, which is known only when it is known of all. */
export function withoutDerived(run: SweepRun, { storage, candidates }: Listed): Listed {
  const { derived, counts, bytes } = run;
  if (!derived.areAny) return { storage, candidates };
  const orphans = new PackedAssets();
  for (const { key, details } of candidates) {
    const reading = readingOf(storage, key);
    // tells as well whether it is known what is made from it
    derived.of(reading);
    if (derived.has(reading)) {
      counts.orphans--;
      counts.used++;
      bytes.orphans -= details?.size ?? 0;
    } else orphans.add(key, details);
  }
  return { storage, candidates: orphans };
}

/** Where nobody knows what is made from a file, any orphan may be. */
export function refuseUnknown(run: SweepRun): void {
  const { problem } = run.derived;
  if (problem) run.refuse('unanswered-references', asError(problem).message, problem);
}

/** Orphans in the order in which they may go: what is made from one of them waits for what becomes of that. */
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
