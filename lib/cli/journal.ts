import { cleanupJournal } from '../journal/cleanup-journal.js';
import type { JournalCounts, JournalListQuery, JournalQuery } from '../journal/listing.js';
import { cleanerOf } from '../removal/cleaner.js';
import type { Arguments, JournalArguments } from './arguments.js';
import { connectModels, disconnectModels } from './connect.js';
import { jsonJournalOutput, textJournalOutput, type JournalOutput } from './journal-output.js';
import { loadModels } from './load-models.js';
import type { Screen } from './progress.js';

/**
 * Lists files of the journal, or makes failed intents due again. Resolves with the exit code: 0, or 1 if files failed
 * or, for a document, if one of its files has no outcome yet or the journal knows none.
 */
export async function runJournal(given: Arguments, { stdout }: { readonly stdout: Screen }): Promise<number> {
  const models = await loadModels(given.files, given.names);
  const cleaners = models.flatMap((model) => cleanerOf(model) ?? []);
  const journal = cleanupJournal(() => cleaners);
  const { isRetry, limit } = given.journal;
  const output = outputOf(given, (text) => stdout.write(text));
  const asked = askedIn(given.journal);
  try {
    await connectModels(models, given.uri);
    if (isRetry) {
      const retried = await journal.retry(asked);
      output.retried(retried, await journal.counts(asked));
      return 0;
    }
    const state = stateOf(given.journal);
    const counts = await journal.counts(asked);
    output.begin(counts);
    const query: JournalListQuery = { ...asked, ...(state && { state }), ...(limit < Infinity && { limit }) };
    let listed = 0;
    for await (const file of journal.files(query)) {
      listed++;
      output.file(file);
    }
    const { open, failed, settled } = counts;
    const all = state ? counts[state] : open + failed + settled;
    output.end({ counts, more: Math.max(0, all - listed) });
    return exitCodeOf(counts, given.journal);
  } finally {
    await disconnectModels(models);
  }
}

function askedIn({ documentId, intentId }: JournalArguments): JournalQuery {
  return {
    ...(documentId !== undefined && { documentId }),
    ...(intentId !== undefined && { intentId }),
  };
}

function outputOf({ json, quiet, journal }: Arguments, write: (text: string) => unknown): JournalOutput {
  return json ? jsonJournalOutput(write) : textJournalOutput(write, { isQuiet: quiet, asked: journal });
}

/** For a document or an intent, files of all states are listed. */
function stateOf({ isFailed, documentId, intentId }: JournalArguments): 'open' | 'failed' | undefined {
  if (isFailed) return 'failed';
  return documentId === undefined && intentId === undefined ? 'open' : undefined;
}

function exitCodeOf({ open, failed, settled }: JournalCounts, { documentId }: JournalArguments): number {
  if (documentId === undefined) return failed > 0 ? 1 : 0;
  return open + failed === 0 && settled > 0 ? 0 : 1;
}
