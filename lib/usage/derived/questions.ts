import type { Asset, StorageProvider, SweepableProvider } from '../../providers/provider.js';
import type { ReferenceFunction } from '../../schema/options.js';
import type { ReadLimits } from '../documents.js';
import { askFunction } from '../collection-question.js';
import type { Reading } from '../meaning.js';
import type { Scope } from '../scope.js';
import type { Question, Use } from '../verdict.js';
import { askAboutOriginals } from './original-uses.js';
import { Originals } from './originals.js';

/** If a provider has derived files, those of a file in use are in use as well. */
export function questionsAboutOriginals<T extends Reading>(
  files: readonly T[],
  scope: Scope,
  limits: ReadLimits,
): Question<T>[] {
  const originals = new Originals(files, scope);
  if (originals.derivers.length === 0) return [];
  const byDocuments = scope.collections.map((asked) => ({
    what: `the question to ${asked.name} about original files`,
    ask: (signal: AbortSignal) => askAboutOriginals(asked, originals, { ...limits, signal }),
  }));
  const byFunctions = {
    what: 'the listing of original files',
    ask: (signal: AbortSignal) => askFunctions(scope.functions, originals, signal),
  };
  return [...byDocuments, byFunctions];
}

/**
 * Finds those of the files that are derived from a file which a function in `references` uses. A function can be asked
 * about a file but cannot list files, so the originals are found by a listing. Rejects if the storage cannot be listed.
 */
async function askFunctions<T extends Reading>(
  functions: readonly ReferenceFunction[],
  originals: Originals<T>,
  signal: AbortSignal,
): Promise<Map<T, Use>> {
  const stored = new Map<Reading, readonly T[]>();
  for (const provider of functions.length > 0 ? originals.derivers : []) {
    for await (const asset of listed(provider, signal)) {
      const { files, problem } = originals.madeBy(provider, asset);
      if (problem) throw problem;
      if (files.length > 0) stored.set({ asset, provider }, files);
    }
  }
  if (stored.size === 0) return new Map();
  const all = await Promise.all(functions.map((one) => askFunction(one, [...stored.keys()], signal)));
  const used = all.flatMap((uses) => [...uses.keys()].flatMap((original) => stored.get(original)!));
  return new Map(used.map((file) => [file, 'by another']));
}

async function* listed(provider: StorageProvider, signal: AbortSignal): AsyncGenerator<Asset> {
  const { listNames } = provider as SweepableProvider;
  const options = { signal, dotFiles: true };
  if (listNames) yield* listNames.call(provider, options);
  else if (provider.list) for await (const { asset } of provider.list(options)) yield asset;
  else
    throw new Error(
      `the provider "${provider.name}" has no "list", so it is not known whether a references function uses the original of a derived file`,
    );
}
