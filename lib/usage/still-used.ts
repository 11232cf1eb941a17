import type { AnyModel, ReferenceFunction } from '../schema/options.js';
import { asError, withTimeLimit } from '../shared/time-limit.js';
import { documentsIn } from './collection-size.js';
import { BatchOfForms } from './forms.js';
import { deriversOf, usesOfOriginals, type Derivers } from './derived-uses.js';
import { askCollection, type AskedFile } from './question.js';
import type { Use } from './reader.js';
import type { AskedCollection, Scope } from './scope.js';
import { storedOriginals } from './stored-originals.js';
import { indexedTexts, type Comparing } from './text-index.js';

/** The answer for one file: not used, used, mentioned, or not known. */
export type Verdict = 'unused' | Use | { unanswered: Error };

const NONE: ReadonlySet<string> = new Set();

/** Limits of a question, from the options of those who ask. */
export interface QuestionLimits extends Comparing {
  readonly timeoutMs: number;
  /** Collections with at most this many documents are searched for mentions. */
  readonly mentionsUpTo: number;
  /** Set for `references: 'document'`: only these documents of the model's own collection are asked. */
  readonly onlyDocuments?: { readonly model: AnyModel; readonly ids: readonly unknown[] } | undefined;
  /** Called for every collection that is too large to be searched. */
  readonly onTooLarge?: (collection: AskedCollection, documents: number) => void;
}

/**
 * The "still used?" question: whether anything in the scope uses these files. Every collection is asked once for the
 * whole batch, all at the same time. A file that one of them uses need not be asked about elsewhere, and if one of them
 * does not answer, the file is kept.
 */
export async function stillUsed<T extends AskedFile>(
  files: readonly T[],
  scope: Scope,
  limits: QuestionLimits,
): Promise<Map<T, Verdict>> {
  const verdicts = new Map<T, Verdict>(files.map((file) => [file, 'unused']));
  const ask: Ask<T> = async (what, act) => {
    try {
      for (const [file, use] of await withTimeLimit(what, limits.timeoutMs, act)) note(verdicts, file, use);
    } catch (thrown) {
      for (const file of files) note(verdicts, file, { unanswered: asError(thrown) });
    }
  };
  let batch: BatchOfForms<T>;
  try {
    const readers = scope.collections.flatMap(({ fields }) => fields.flatMap((field) => field.readers));
    batch = new BatchOfForms(files, readers);
  } catch (thrown) {
    return new Map(files.map((file) => [file, { unanswered: asError(thrown) }]));
  }
  await Promise.all([
    ...scope.collections.map((collection) =>
      ask(`the question to ${collection.name}`, async (signal) => {
        const isSmall = await isSearched(collection, limits);
        const onlyDocuments = onlyIn(collection, limits);
        const indexed = isSmall ? NONE : await indexedTexts(collection, limits);
        return askCollection(collection, batch, { ...limits, onlyDocuments, isSmall, indexed, signal });
      }),
    ),
    ...askForOriginals(ask, { files, scope, limits }),
    ...scope.functions.map((reference) =>
      ask('a references function', (signal) => askFunction(reference, files, signal)),
    ),
  ]);
  return verdicts;
}

type Ask<T> = (
  what: string,
  act: (signal: AbortSignal) => Promise<Map<T, Exclude<Verdict, 'unused'>>>,
) => Promise<void>;

/** If a provider has derived files, those of a file in use are in use as well. */
function askForOriginals<T extends AskedFile>(
  ask: Ask<T>,
  { files, scope, limits }: { files: readonly T[]; scope: Scope; limits: QuestionLimits },
): Promise<void>[] {
  const derivers = deriversOf(files, scope);
  if (!derivers) return [];
  const byFunctions = ask('the listing of original files', (signal) =>
    askFunctionsForOriginals({ files, scope, derivers }, signal),
  );
  const byDocuments = scope.collections.map((asked) =>
    ask(`the question to ${asked.name} about original files`, (signal) => {
      const onlyDocuments = onlyIn(asked, limits);
      return usesOfOriginals({ asked, files, derivers }, { ...limits, onlyDocuments, signal });
    }),
  );
  return [...byDocuments, byFunctions];
}

async function askFunctionsForOriginals<T extends AskedFile>(
  { files, scope, derivers }: { files: readonly T[]; scope: Scope; derivers: Derivers },
  signal: AbortSignal,
): Promise<Map<T, Use>> {
  if (scope.functions.length === 0) return new Map();
  const originals = await storedOriginals(files, derivers, signal);
  if (originals.size === 0) return new Map();
  const all = await Promise.all(
    scope.functions.map((reference) => askFunction(reference, [...originals.keys()], signal)),
  );
  const used = all.flatMap((uses) => [...uses.keys()].flatMap((original) => originals.get(original)!));
  return new Map(used.map((file) => [file, 'by another']));
}

function onlyIn(
  { connection, name }: AskedCollection,
  { onlyDocuments }: QuestionLimits,
): readonly unknown[] | undefined {
  const isOwn = onlyDocuments?.model.db === connection && onlyDocuments.model.collection.name === name;
  return isOwn ? onlyDocuments.ids : undefined;
}

async function isSearched(collection: AskedCollection, limits: QuestionLimits): Promise<boolean> {
  const { mentionsUpTo, timeoutMs, onTooLarge } = limits;
  if (mentionsUpTo === 0 || mentionsUpTo === Infinity) return mentionsUpTo > 0;
  const documents = await documentsIn(collection, timeoutMs);
  if (documents <= mentionsUpTo) return true;
  // texts are searched nevertheless
  if (collection.fields.some(({ isAlwaysSearched }) => !isAlwaysSearched))
    onTooLarge?.(collection, documents);
  return false;
}

/** `by itself` is the strongest answer, then `by another`, a mention, and not known. Each of them keeps the file. */
function note<T>(verdicts: Map<T, Verdict>, file: T, verdict: Verdict): void {
  if (weightOf(verdict) > weightOf(verdicts.get(file) ?? 'unused')) verdicts.set(file, verdict);
}

const WEIGHTS = { unused: 0, mentioned: 2, 'by another': 3, 'by itself': 4 } as const;

function weightOf(verdict: Verdict): number {
  return typeof verdict === 'object' ? 1 : WEIGHTS[verdict];
}

async function askFunction<T extends AskedFile>(
  reference: ReferenceFunction,
  files: readonly T[],
  signal: AbortSignal,
): Promise<Map<T, Use>> {
  const answers: unknown = await reference(
    files.map(({ asset }) => asset),
    { signal },
  );
  if (!Array.isArray(answers) || answers.length !== files.length) {
    throw new Error(`a references function must return an array of ${String(files.length)} booleans`);
  }
  return new Map(
    files.flatMap((file, index) => (answers[index] === false ? [] : [[file, 'by another' as const]])),
  );
}
