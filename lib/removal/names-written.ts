import { BatchOfForms } from '../usage/forms.js';
import { fingerprintsOf, isSeenAtOnce } from '../usage/fingerprints.js';
import { UseReader } from '../usage/use-reader.js';
import { identityOf, ownerOf } from '../usage/meaning.js';
import type { DroppedFile } from './candidates.js';
import type { ModelUsage } from './model-usage.js';

/** What a write stored. A file that it names in any way is not removed. */
export interface Written {
  readonly written: readonly unknown[];
  readonly timeoutMs: number;
  readonly usage: Pick<ModelUsage, 'providers'>;
}

/** By fingerprint, the names under which the write stored a file. */
type Names = ReadonlyMap<string, ReadonlySet<string>>;

export async function namesWritten({ written, timeoutMs, usage }: Written): Promise<Names> {
  const owners = written.flatMap((value) => ownerOf(value, usage.providers) ?? []);
  const fingerprints = await fingerprintsOf(owners, timeoutMs, isSeenAtOnce);
  const names = new Map<string, Set<string>>();
  owners.forEach((owner, index) => {
    const fingerprint = fingerprints[index];
    if (typeof fingerprint !== 'string') return;
    names.set(fingerprint, (names.get(fingerprint) ?? new Set()).add(identityOf(owner)));
  });
  return names;
}

/** Whether the write stored another name of the file: `a.png` for `A.png` on a case-insensitive disk, or a hard link. */
export function isOtherNameOf(file: DroppedFile, names: Names): boolean {
  if (typeof file.fingerprint !== 'string') return false;
  const known = names.get(file.fingerprint);
  return known !== undefined && !known.has(identityOf(file));
}

/** The values that the write stored are read as thoroughly as the documents that it changed. */
export async function noteMentions(
  files: readonly DroppedFile[],
  { written, usage }: Written,
): Promise<void> {
  if (written.length === 0 || files.length === 0) return;
  const reader = new UseReader(new BatchOfForms(files, []));
  for (const value of written) reader.search(value, { readers: usage.providers, search: 'closely' });
  await reader.decideDoubts();
  for (const file of reader.uses.keys()) file.isMentionedByWrite = true;
}
