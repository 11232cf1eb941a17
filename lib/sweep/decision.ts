import { inBatches } from '../removal/candidates.js';
import { KeepRules, protectedDefaults, type MeantFiles } from '../usage/keep.js';
import type { Reading } from '../usage/reading.js';
import { scopeOf, type Scope } from '../usage/scope.js';
import { stillUsed, type Verdict } from '../usage/still-used.js';
import { trackedOf } from '../tracking.js';
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

/** The rules of one tracked field, as its own plugin calls say. */
interface RulesOfField {
  readonly model: string;
  readonly field: string;
  readonly provider: Reading['provider'];
  readonly rules: KeepRules;
}

class Judge {
  readonly #run: SweepRun;
  readonly #storage: Storage;
  readonly #reader: ReferenceReader;
  readonly #isExcluded: (name: string) => boolean;
  readonly #defaults: MeantFiles;
  readonly #rules: readonly RulesOfField[];

  constructor(run: SweepRun, storage: Storage, reader: ReferenceReader) {
    this.#run = run;
    this.#storage = storage;
    this.#reader = reader;
    this.#isExcluded = matcherOf(run.options.exclude);
    const asking = storage.owners.map(({ model, options: { references } }) => ({ model, references }));
    this.#defaults = protectedDefaults(scopeOf(asking));
    this.#rules = rulesOf(storage);
  }

  isCandidate(key: string): boolean {
    const { table, counts } = this.#run;
    const { provider } = this.#storage;
    const reading = { asset: { provider: provider.name, key }, provider };
    const name = nameOf(reading.asset, provider);
    if (table.isMarked(comparableKey(reading))) counts.used++;
    else if (this.#isExcluded(name)) counts.excluded++;
    else if (this.#reader.mentioned.mention(name)) counts.unclear++;
    else if (this.#isProtected(reading)) counts.protected++;
    else return true;
    return false;
  }

  /** A rule of any of the models keeps an asset if it matches any of its stored forms, whichever field is asked about. */
  #isProtected(reading: Reading): boolean {
    if (this.#defaults.has(reading)) return true;
    const { asset } = reading;
    return this.#rules.some(({ model, field, provider, rules }) =>
      rules.protectsAnyForm(
        { asset, provider },
        { asset, field, model, documentId: null, operation: 'sweep' },
      ),
    );
  }

  /** Asks the functions in `references`; in the mode `look-ups` the documents as well. */
  async askElsewhere(known: readonly Known[]): Promise<readonly Known[]> {
    const { scope, counts, mode } = this.#run;
    const collections = mode === 'look-ups' ? scope.collections : [];
    if (known.length === 0 || collections.length + scope.functions.length === 0) return known;
    const unused: Known[] = [];
    for (const [one, verdict] of await this.#ask(known, { ...scope, collections })) {
      if (verdict === 'unused') unused.push(one);
      else if (typeof verdict === 'object') this.#noteUnanswered(verdict.unanswered);
      else if (verdict === 'mentioned') counts.unclear++;
      else if (mode === 'look-ups') counts.used++;
      else counts.usedElsewhere++;
    }
    return unused;
  }

  /** Documents that were not read one by one are searched for mentions of what seems to be an orphan. */
  async #ask(known: readonly Known[], scope: Scope): Promise<Map<Known, Verdict>> {
    const { timeoutMs } = this.#run;
    const verdicts = new Map<Known, Verdict>();
    const { provider } = this.#storage;
    const ask = async (asked: readonly Known[], mentionsUpTo: number): Promise<void> => {
      const files = asked.map((one) => ({ one, asset: { provider: provider.name, key: one.key }, provider }));
      for (const [{ one }, verdict] of await stillUsed(files, scope, { timeoutMs, mentionsUpTo })) {
        verdicts.set(one, verdict);
      }
    };
    await ask(known, 0);
    const left = known.filter((one) => verdicts.get(one) === 'unused');
    if (left.length > 0 && scope.collections.length > 0) {
      await ask(left, Infinity);
    }
    return verdicts;
  }

  #noteUnanswered(error: Error): void {
    if (this.#run.counts.unanswered++ > 0) return;
    this.#run.refuse(
      'unanswered-references',
      `whether files are used elsewhere was not answered: ${error.message}`,
      error,
    );
  }
}

function rulesOf({ owners }: Storage): RulesOfField[] {
  return owners.flatMap(({ model, provider }) =>
    trackedOf(model)
      .filter(({ providers }) => providers.includes(provider))
      .map(({ field, providers, keep }) => ({
        model: model.modelName,
        field: field.path,
        provider,
        rules: new KeepRules(keep, providers),
      })),
  );
}
