import { asError, withTimeLimit } from '../shared/time-limit.js';
import { documentsIn } from './collection-size.js';
import { questionsAboutOriginals } from './derived/questions.js';
import type { ReadLimits } from './documents.js';
import { BatchOfForms } from './forms.js';
import { askCollection, askFunction, type AskedFile } from './collection-question.js';
import type { AskedCollection, Scope } from './scope.js';
import { indexedTexts, type Comparing } from './text-index.js';
import { note, type Question, type Verdict } from './verdict.js';

export type { Verdict } from './verdict.js';

const NONE: ReadonlySet<string> = new Set();

/** Limits of a question, from the options of those who ask. */
export interface QuestionLimits extends Comparing, ReadLimits {
  /** Collections with at most this many documents are searched for mentions. */
  readonly mentionsUpTo: number;
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
  const unanswered = (thrown: unknown): void => {
    for (const file of files) note(verdicts, file, { unanswered: asError(thrown) });
  };
  try {
    const questions = [
      ...questionsOf(files, scope, limits),
      ...questionsAboutOriginals(files, scope, limits),
    ];
    await Promise.all(
      questions.map(async ({ what, ask }) => {
        try {
          const answer = await withTimeLimit(what, limits.timeoutMs, ask);
          for (const [file, verdict] of answer) note(verdicts, file, verdict);
        } catch (thrown) {
          unanswered(thrown);
        }
      }),
    );
  } catch (thrown) {
    unanswered(thrown);
  }
  return verdicts;
}

function questionsOf<T extends AskedFile>(
  files: readonly T[],
  { collections, functions }: Scope,
  limits: QuestionLimits,
): Question<T>[] {
  const batch = new BatchOfForms(
    files,
    collections.flatMap(({ fields }) => fields.flatMap(({ readers }) => readers)),
  );
  return [
    ...collections.map((asked) => ({
      what: `the question to ${asked.name}`,
      ask: async (signal: AbortSignal) => {
        const isSmall = await isSearched(asked, limits);
        const indexed = isSmall ? NONE : await indexedTexts(asked, limits);
        return askCollection(asked, batch, { ...limits, isSmall, indexed, signal });
      },
    })),
    ...functions.map((one) => ({
      what: 'a references function',
      ask: (signal: AbortSignal) => askFunction(one, files, signal),
    })),
  ];
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
