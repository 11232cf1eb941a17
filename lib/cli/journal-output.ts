import { textOfId } from '../journal/document-id.js';
import type { JournalledFile } from '../journal/journalled-file.js';
import type { JournalCounts } from '../journal/listing.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import type { JournalArguments } from './arguments.js';
import { count, counted } from './numbers.js';
import type { Write } from './output.js';
import { shownDocuments, shownValue } from './shown.js';

/** How the command prints the files of a journal. */
export interface JournalOutput {
  begin(counts: JournalCounts): void;
  file(file: JournalledFile): void;
  end(end: { readonly counts: JournalCounts; readonly more: number }): void;
  /** Called instead of a list, after `--retry`. */
  retried(intents: number, counts: JournalCounts): void;
}

/**
 * Prints one object: `counts`, `files`, how many `more` files were not listed, and how many intents were `retried`
 * (`null` without `--retry`).
 */
export function jsonJournalOutput(write: Write): JournalOutput {
  let isFirst = true;
  return {
    begin(counts) {
      write(`{"counts":${JSON.stringify(counts)},"files":[`);
    },
    file(file) {
      write(`${isFirst ? '' : ','}\n${JSON.stringify(plain(file))}`);
      isFirst = false;
    },
    end({ more }) {
      write(`${isFirst ? '' : '\n'}],"more":${String(more)},"retried":null}\n`);
    },
    retried(retried, counts) {
      write(`${JSON.stringify({ counts, files: [], more: 0, retried })}\n`);
    },
  };
}

function plain({ documentIds, value, ...file }: JournalledFile): object {
  return {
    ...file,
    value: typeof value === 'string' ? withoutSecrets(value) : (value ?? null),
    documentIds: documentIds.map(textOfId),
  };
}

/** Prints a line for each file, then the total numbers and what to do. */
export function textJournalOutput(
  write: Write,
  { isQuiet, asked }: { isQuiet: boolean; asked: JournalArguments },
): JournalOutput {
  const tell = (line: string): unknown => write(`${line}\n`);
  return {
    begin: () => undefined,
    file: (file) => {
      if (!isQuiet) tell(lineOf(file));
    },
    end({ counts, more }) {
      if (more > 0 && !isQuiet) tell(`… and ${counted(more, 'more file')}; --limit all lists them`);
      for (const line of endingOf(counts, asked)) tell(line);
    },
    retried(intents, counts) {
      tell(`${counted(intents, 'failed intent')} made due again; ${numbersOf(counts)}.`);
    },
  };
}

/** For example `removed  2026-11-26T16:00:00.000Z  Album 65f0… image: /uploads/a.png  (local)`. */
function lineOf(file: JournalledFile): string {
  const { state, outcome, model, documentIds, field, value, dueAt, endedAt, intentId } = file;
  const label = state === 'settled' ? (outcome ?? state) : state;
  const time = (endedAt ?? dueAt)?.toISOString() ?? '';
  const where = [model, shownDocuments(documentIds), field ?? ''].filter((one) => one !== '').join(' ');
  return `${label.padEnd(8)} ${time}  ${where}: ${shownValue(value)}  (${detailsOf(file)}; intent ${intentId})`;
}

function detailsOf({ providers, machine, tries, reason, error }: JournalledFile): string {
  const where = `${providers.join(' or ')}${machine === null ? '' : ` on ${machine}`}`;
  return [where, tries === 1 ? '1 try' : tries > 1 ? `${count(tries)} tries` : '', reason, error]
    .filter(Boolean)
    .join(', ');
}

function endingOf(counts: JournalCounts, { documentId, isFailed }: JournalArguments): string[] {
  const { open, failed, settled } = counts;
  if (documentId !== undefined && open + failed + settled === 0) {
    return [
      'The journal has no file of this document: the document dropped none, its id is written in another form, or ' +
        'its intents are settled and no longer kept (see the option journal: { keepSettled }).',
    ];
  }
  const hint = isFailed
    ? '--retry makes them due again'
    : '--failed lists them, --retry makes them due again';
  return [`${numbersOf(counts)}.${failed > 0 ? ` ${hint}.` : ''}`];
}

function numbersOf({ open, failed, settled }: JournalCounts): string {
  return `${counted(open, 'file')} open, ${count(failed)} failed, ${count(settled)} settled`;
}
