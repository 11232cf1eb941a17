import { inBatches } from '../shared/groups.js';
import { forEachOf } from '../shared/pool.js';
import { KeepRules, protectedDefaults, type MeantFiles } from '../usage/keep-rules.js';
import type { Reading } from '../usage/meaning.js';
import { scopeOf, type Scope } from '../usage/scope.js';
import { stillUsed, type Verdict } from '../usage/still-used.js';
import { trackedOf } from '../schema/model-fields.js';
import { stays } from './derived-files.js';
import { comparableKey } from './key-table.js';
import { PackedAssets } from './packed-assets.js';
import { matcherOf } from './patterns.js';
import type { FileDetails } from './report.js';
import { nameOf, NOWHERE, type Listed, type SweepRun } from './run.js';
import type { Storage } from './storages.js';

const BATCH = 500;
const CONCURRENCY = 16;

/**
 * Finds the listed assets that seem to be orphans: no reference led to them, no rule protects them, they are old
 * enough, and no function says that they are used. Mentions in documents are searched for afterwards.
 */
export async function findOrphans(run: SweepRun, { storage, candidates }: Listed): Promise<Listed> {
  const orphans = new PackedAssets();
  const judge = new Judge(run, storage);
  let done = 0;
  for (const batch of inBatches(candidates, BATCH)) {
    if (run.isStopped) break;
    const unused = batch.filter(({ key }) => judge.isCandidate(key));
    const known = (await detailed(run, storage, unused)).filter(
      (one) => !run.isYoung(one.details.modifiedAt) || judge.isTooYoung(one),
    );
    for (const { key, details } of await judge.askElsewhere(known)) orphans.add(key, details);
    done += batch.length;
    run.progress({ stage: 'orphans', what: storage.label, done, total: candidates.length });
  }
  return { storage, candidates: orphans };
}

interface Known {
  readonly key: string;
  readonly details: FileDetails;
}

/**
 * Gets size and age if the listing had only names. This happens now, so that a file that was written anew since then is
 * young.
 */
async function detailed(
  run: SweepRun,
  { provider }: Storage,
  candidates: readonly { key: string; details: FileDetails | undefined }[],
): Promise<Known[]> {
  const known: Known[] = [];
  await forEachOf(candidates, CONCURRENCY, async ({ key, details }) => {
    if (details) {
      known.push({ key, details });
      return;
    }
    const asset = { provider: provider.name, key };
    const found = await provider.find!(asset).catch(() => undefined);
    if (found === null) run.counts.gone++;
    else if (found?.asset.key !== key) {
      run.unclearFile({ asset, name: nameOf(asset, provider), ...NOWHERE });
      stays(run, { asset, provider });
    } else known.push({ key, details: { size: found.size, modifiedAt: found.modifiedAt } });
  });
  return known;
}

/** The rules of one tracked field, from its own plugin calls. */
interface RulesOfField {
  readonly model: string;
  readonly field: string;
  readonly provider: Reading['provider'];
  readonly rules: KeepRules;
}

class Judge {
  readonly #run: SweepRun;
  readonly #storage: Storage;
  readonly #isExcluded: (name: string) => boolean;
  readonly #defaults: MeantFiles;
  readonly #rules: readonly RulesOfField[];

  constructor(run: SweepRun, storage: Storage) {
    this.#run = run;
    this.#storage = storage;
    this.#isExcluded = matcherOf(run.options.exclude);
    const asking = storage.owners.map(({ model, options: { references } }) => ({ model, references }));
    this.#defaults = protectedDefaults(scopeOf(asking));
    this.#rules = rulesOf(storage);
  }

  isCandidate(key: string): boolean {
    const { table, counts, derived } = this.#run;
    const { provider } = this.#storage;
    const reading = { asset: { provider: provider.name, key }, provider };
    const name = nameOf(reading.asset, provider);
    if (!table.isMarked(comparableKey(reading)) && derived.has(reading)) {
      counts.used++;
      return false;
    }
    if (table.isMarked(comparableKey(reading))) counts.used++;
    else if (this.#isExcluded(name)) counts.excluded++;
    else if (this.#isProtected(reading)) counts.protected++;
    else return true;
    stays(this.#run, reading);
    return false;
  }

  isTooYoung(one: Known): false {
    this.#run.counts.young++;
    stays(this.#run, this.#readingOf(one));
    return false;
  }

  /** A rule of any model keeps an asset if it matches any stored form of the asset, at any field. */
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

  /** Asks the functions in `references`; in the mode `look-ups`, also the documents. */
  async askElsewhere(known: readonly Known[]): Promise<readonly Known[]> {
    const { scope, counts, mode, used } = this.#run;
    const collections = mode === 'look-ups' ? scope.collections : [];
    if (known.length === 0 || collections.length + scope.functions.length === 0) return known;
    const unused: Known[] = [];
    for (const [one, verdict] of await this.#ask(known, { ...scope, collections })) {
      if (verdict === 'unused') unused.push(one);
      else stays(this.#run, this.#readingOf(one), typeof verdict === 'string');
      if (verdict === 'unused') continue;
      if (typeof verdict === 'object') this.#noteUnanswered(verdict.unanswered);
      else {
        const reading = this.#readingOf(one);
        if (mode === 'look-ups') used.noteUsed(reading);
        else used.noteUsedElsewhere(reading);
        counts[mode === 'look-ups' ? 'used' : 'usedElsewhere']++;
      }
    }
    return unused;
  }

  /** Mentions are searched for later, in whole documents, for the files that are left. */
  async #ask(known: readonly Known[], scope: Scope): Promise<Map<Known, Verdict>> {
    const { timeoutMs } = this.#run;
    const files = known.map((one) => ({ one, ...this.#readingOf(one) }));
    const verdicts = await stillUsed(files, scope, { timeoutMs, mentionsUpTo: 0 });
    return new Map([...verdicts].map(([{ one }, verdict]) => [one, verdict]));
  }

  #readingOf({ key }: Known): Reading {
    const { provider } = this.#storage;
    return { asset: { provider: provider.name, key }, provider };
  }

  #noteUnanswered(error: Error): void {
    if (this.#run.counts.unanswered++ > 0) return;
    this.#run.refuse(
      'unanswered-references',
      `could not determine whether files are used elsewhere: ${error.message}`,
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
