import type { Entry } from '../removal/candidates.js';
import { inBatches } from '../removal/candidates.js';
import { isProtected } from '../removal/keep.js';
import { askScope, protectedDefaults } from '../removal/references.js';
import type { StoredForms } from '../providers/provider.js';
import { trackedOf } from '../tracking.js';
import { entryFor } from './entry.js';
import { comparableKey } from './key-table.js';
import { PackedAssets } from './packed-assets.js';
import { matcherOf } from './patterns.js';
import type { ReferenceReader } from './reader.js';
import type { FileDetails } from './report.js';
import { nameOf, type Listed, type SweepRun } from './run.js';
import type { Storage } from './storages.js';

const BATCH = 500;
const CONCURRENCY = 16;

/** Which of the assets listed are orphans: no reference led to them, no rule protects them, they are old enough, and no function knows them. */
export async function findOrphans(
  run: SweepRun,
  { storage, candidates }: Listed,
  reader: ReferenceReader,
): Promise<Listed> {
  const orphans = new PackedAssets();
  const judge = new Judge(run, storage, reader);
  let done = 0;
  for (const batch of inBatches(candidates, BATCH)) {
    if (run.isStopped) break;
    const unused = batch.filter(({ key }) => judge.isCandidate(key));
    const known = (await detailed(run, storage, unused)).filter(
      ({ details }) => !run.isYoung(details.modifiedAt) || tooYoung(run),
    );
    for (const { key, details } of await judge.askElsewhere(known)) {
      orphans.add(key, details);
      run.counts.orphans++;
      run.bytes.orphans += details.size;
    }
    done += batch.length;
    run.progress({ stage: 'orphans', what: storage.label, done, total: candidates.length });
  }
  return { storage, candidates: orphans };
}

interface Known {
  readonly key: string;
  readonly details: FileDetails;
}

function tooYoung({ counts }: SweepRun): false {
  counts.young++;
  return false;
}

/** Size and age, where the listing had names only: asked now, so that a file written anew since then is young. */
async function detailed(
  run: SweepRun,
  { provider }: Storage,
  candidates: readonly { key: string; details: FileDetails | undefined }[],
): Promise<Known[]> {
  const known: Known[] = [];
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let index = next++; index < candidates.length; index = next++) {
      const { key, details } = candidates[index]!;
      if (details) known.push({ key, details });
      else {
        const found = await provider.find!({ provider: provider.name, key }).catch(() => undefined);
        if (found === null) run.counts.gone++;
        else if (found?.asset.key !== key) run.counts.unclear++;
        else known.push({ key, details: { size: found.size, modifiedAt: found.modifiedAt } });
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(CONCURRENCY, candidates.length) }, worker));
  return known;
}

class Judge {
  readonly #run: SweepRun;
  readonly #storage: Storage;
  readonly #reader: ReferenceReader;
  readonly #isExcluded: (name: string) => boolean;
  readonly #defaults: readonly unknown[];

  constructor(run: SweepRun, storage: Storage, reader: ReferenceReader) {
    this.#run = run;
    this.#storage = storage;
    this.#reader = reader;
    this.#isExcluded = matcherOf(run.options.exclude);
    this.#defaults = storage.owners.flatMap(({ model, options }) => protectedDefaults(model, options));
  }

  isCandidate(key: string): boolean {
    const { table, counts } = this.#run;
    const { provider } = this.#storage;
    const asset = { provider: provider.name, key };
    const name = nameOf(asset, provider);
    if (table.isMarked(comparableKey(asset))) counts.used++;
    else if (this.#isExcluded(name)) counts.excluded++;
    else if (this.#reader.unclear.mention(name)) counts.unclear++;
    else if (this.#isProtected(key)) counts.protected++;
    else return true;
    return false;
  }

  /** A rule of any of the models keeps an asset if it matches any of its stored forms, whichever field is asked about. */
  #isProtected(key: string): boolean {
    return this.#storage.owners.some(({ model, options, provider }) => {
      const asset = { provider: provider.name, key };
      const fields = trackedOf(model).filter((one) => one.options === options);
      return valuesOf(provider.forms(asset)).some((value) =>
        fields.some(({ field }) => {
          const about = {
            asset,
            field: field.path,
            model: model.modelName,
            documentId: undefined,
            operation: 'sweep',
          };
          return isProtected({ value, asset, provider }, about, options, this.#defaults);
        }),
      );
    });
  }

  /** Asks the functions in `references`; in the mode `look-ups` the documents as well. */
  async askElsewhere(known: readonly Known[]): Promise<readonly Known[]> {
    const { scope, counts, mode, timeoutMs } = this.#run;
    const asked = mode === 'look-ups' ? scope : { places: [], functions: scope.functions };
    if (known.length === 0 || (asked.places.length === 0 && asked.functions.length === 0)) return known;
    const byEntry = new Map<Entry, Known>(known.map((one) => [entryFor(one, this.#storage), one]));
    const unused: Known[] = [];
    for (const [entry, verdict] of await askScope([...byEntry.keys()], asked, { timeoutMs })) {
      if (verdict === 'unused') unused.push(byEntry.get(entry)!);
      else if (typeof verdict === 'object') {
        if (counts.unanswered++ > 0) continue;
        const { unanswered: error } = verdict;
        this.#run.refuse(
          'unanswered-references',
          `whether files are used elsewhere was not answered: ${error.message}`,
          error,
        );
      } else if (mode === 'look-ups') counts.used++;
      else counts.usedElsewhere++;
    }
    return unused;
  }
}

function valuesOf({ equal, objects = {} }: StoredForms): string[] {
  return [...equal, ...Object.values(objects).flat()];
}
