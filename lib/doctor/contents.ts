import type { Asset, SweepableProvider } from '../providers/provider.js';
import type { Storage } from '../sweep/storages.js';
import { stillUsed } from '../usage/still-used.js';
import { asError } from '../shared/time-limit.js';
import type { Examination } from './examination.js';
import { FileGroups, type FileGroup } from './file-groups.js';
import { nameIn, type NamedFiles } from './named-files.js';
import type { Finding } from './report.js';

/** The maximum number of files to list in a storage. A page of a cloud's listing has 500 files and costs a request. */
const MOST_FILES = { local: 20_000, others: 2_000 } as const;

/** Finds kinds and folders of files that no document names. Most often, these files are not uploads. */
export async function examineContents(run: Examination, named: NamedFiles): Promise<void> {
  if (named.problem)
    run.note(`${named.problem.message}; no derived file is removed until the option "derived" is corrected`);
  for (const storage of run.storages) {
    const examined = run.examinedStorages.findIndex((one) => one.storage === storage.label);
    if (run.examinedStorages[examined]?.problem) continue;
    run.begin(`files of ${storage.label}`);
    const groups = new FileGroups(named.in(storage));
    const { files, isPartial } = await listInto(run, storage, groups);
    const known = run.examinedStorages[examined];
    if (known) run.examinedStorages[examined] = { ...known, files, isPartial };
    if (isPartial) run.note(`${storage.label}: only the first ${String(files)} files were looked at`);
    // if no file is named at all, the values already show why
    if (groups.isAnythingNamed) await tellUnnamed(run, storage, groups);
  }
}

async function listInto(
  run: Examination,
  { provider, label }: Storage,
  groups: FileGroups,
): Promise<{ files: number; isPartial: boolean }> {
  const most = provider.listNames ? MOST_FILES.local : MOST_FILES.others;
  let files = 0;
  try {
    for await (const asset of assetsIn(provider, run.options.signal)) {
      if (files >= most) return { files, isPartial: true };
      files++;
      groups.add(nameIn(provider, asset), asset);
    }
  } catch (thrown) {
    run.options.signal?.throwIfAborted();
    run.note(`${label} could not be listed to the end: ${asError(thrown).message}`);
  }
  return { files, isPartial: false };
}

async function* assetsIn(
  provider: SweepableProvider,
  signal: AbortSignal | undefined,
): AsyncGenerator<Asset> {
  const options = signal ? { signal } : {};
  if (provider.listNames) yield* provider.listNames(options);
  else for await (const { asset } of provider.list!(options)) yield asset;
}

async function tellUnnamed(run: Examination, storage: Storage, groups: FileGroups): Promise<void> {
  for (const group of groups.unnamed()) {
    run.options.signal?.throwIfAborted();
    if (!(await isNamedAfterAll(run, storage, group))) run.find(findingFor(storage, group));
  }
}

/**
 * Asks whether some files of the group are used, since only a sample of the documents was read. A file without an
 * answer counts as named.
 */
async function isNamedAfterAll(
  run: Examination,
  { provider, owners }: Storage,
  { examples }: FileGroup,
): Promise<boolean> {
  const { mentionsUpTo } = owners[0]!.options;
  const files = examples.map((asset) => ({ asset, provider }));
  const verdicts = await stillUsed(files, run.scope(), { timeoutMs: run.timeoutMs, mentionsUpTo });
  return [...verdicts.values()].some((verdict) => verdict !== 'unused');
}

function findingFor({ label, provider }: Storage, { folder, kind, files, examples }: FileGroup): Finding {
  const isFolder = folder !== undefined;
  const glob = isFolder ? `${folder}/**` : `**/*${kind}`;
  return {
    kind: isFolder ? 'unnamed-folder' : 'unnamed-kind',
    about: label,
    message: isFolder
      ? `no document names any of the ${String(files)} files in "${folder}/"`
      : `no document names any of the ${String(files)} files that ${kind === '' ? 'have no extension' : `end in ${kind}`}`,
    advice:
      `if they belong to the app or are derived from uploads, move them out of the storage or exclude them from sweeps with --exclude '${kind === '' ? '<their names>' : glob}'; ` +
      'if they are orphans, the sweep removes them',
    count: files,
    examples: examples.slice(0, 3).map((asset) => nameIn(provider, asset)),
  };
}
