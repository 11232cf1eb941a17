import type {
  MissingFile,
  ReadCollection,
  Refusal,
  SweepReport,
  SweptFile,
  UnclearFile,
  UnreadCollection,
} from '../sweep/index.js';
import { bytes, count, counted, duration, oneLine } from './numbers.js';

/** How the command prints its progress and its result. */
export interface Output {
  collection(collection: ReadCollection): void;
  file(file: SweptFile): void;
  unclear(unclear: UnclearFile): void;
  missing(missing: MissingFile): void;
  report(report: SweepReport): void;
}

/** Prints a text. */
export type Write = (line: string) => unknown;

/** One JSON object per line, each with a `type`: `collection`, `file`, `unclear`, `missing`, and at the end `report`. */
export function jsonOutput(write: Write): Output {
  const tell = (type: string, content: object): void => {
    const told = { type, ...content };
    write(JSON.stringify(told, (_, value: unknown) => (value instanceof Error ? value.message : value)));
  };
  return {
    collection: (collection) => {
      tell('collection', collection);
    },
    file: (file) => {
      tell('file', file);
    },
    unclear: (unclear) => {
      tell('unclear', unclear);
    },
    missing: (missing) => {
      tell('missing', missing);
    },
    report: ({
      files: _files,
      unclear: _unclear,
      missing: _missing,
      collections: _collections,
      ...report
    }) => {
      tell('report', report);
    },
  };
}

/** Prints files to `write`, and everything about the progress to `say`. */
export function textOutput(write: Write, say: Write, { isQuiet }: { isQuiet: boolean }): Output {
  return {
    collection: ({ database, collection, models, fields, documents, references }) => {
      if (isQuiet) return;
      const isWhole = fields.length === 0;
      const found = isWhole ? 'searched for mentions' : counted(references, 'reference');
      const what = isWhole ? 'whole documents' : fields.join(', ');
      say(
        `Read ${database}.${collection} (${models.join(', ')}: ${what}): ${counted(documents, 'document')}, ${found}`,
      );
    },
    file: ({ outcome, name, size, reason, error }) => {
      if (isQuiet && outcome !== 'failed') return;
      const why = [reason, error?.message].filter(Boolean).join(': ');
      write(`${outcome.padEnd(8)} ${oneLine(name)}  ${bytes(size)}${why === '' ? '' : `  (${why})`}`);
    },
    unclear: ({ name, model, documentId, field, value }) => {
      if (isQuiet) return;
      const by =
        model === null
          ? 'the storage does not tell whether a file is stored there'
          : `${model} ${String(documentId)} ${field ?? ''}: ${oneLine(value ?? '')}`;
      write(`unclear  ${oneLine(name)}  (${by})`);
    },
    missing: ({ model, documentId, field, value }) => {
      if (isQuiet) return;
      const stored = typeof value === 'string' ? oneLine(value) : JSON.stringify(value);
      write(`missing  ${model} ${String(documentId)} ${field}: ${stored}`);
    },
    report: (report) => {
      for (const line of summaryOf(report)) write(line);
    },
  };
}

const LABELS = {
  listed: 'files listed',
  used: 'used',
  young: 'too young',
  excluded: 'excluded',
  protected: 'protected by rules or defaults',
  unclear: 'kept: a document mentions the name',
  usedElsewhere: 'used according to a references function',
  unanswered: 'kept: a references function did not answer',
  gone: 'gone meanwhile',
  orphans: 'orphans',
  removed: 'removed',
  kept: 'not removed after all',
  failed: 'failed',
  missing: 'missing files',
} as const;

function summaryOf(report: SweepReport): string[] {
  const always = new Set(['listed', 'used', 'orphans']);
  const sizes: Record<string, number> = report.bytes;
  const rows = Object.entries(LABELS).flatMap(([name, label]) => {
    const number = report.counts[name as keyof typeof LABELS];
    if (number === 0 && !always.has(name)) return [];
    return [
      [label, count(number), sizes[name] === undefined || number === 0 ? '' : bytes(sizes[name])] as const,
    ];
  });
  const widths = [0, 1, 2].map((column) => Math.max(...rows.map((row) => row[column]!.length)));
  const table = rows.map(([label, number, size]) =>
    `  ${label.padEnd(widths[0]!)}  ${number.padStart(widths[1]!)}  ${size.padStart(widths[2]!)}`.trimEnd(),
  );
  const notes = report.notes.map((note) => `Note: ${note}`);
  return ['', ...table, '', ...unreadLines(report.unread), ...notes, ...endingOf(report)];
}

/** How many collections, and how many refusals for one reason, the summary lists. */
const MOST_TOLD = 20;

function unreadLines(unread: readonly UnreadCollection[]): string[] {
  const told = (reason: UnreadCollection['reason'], why: string): string[] => {
    const all = unread.filter((one) => one.reason === reason);
    if (all.length === 0) return [];
    const names = all
      .slice(0, MOST_TOLD)
      .map(({ database, collection }) => oneLine(`${database}.${collection}`));
    const more = all.length > MOST_TOLD ? ` and ${count(all.length - MOST_TOLD)} more` : '';
    return [`Not read, ${why}: ${names.join(', ')}${more}`];
  };
  return [
    ...told('no model', 'because no model has these collections'),
    ...told('other connection', 'because no model of their connection was given'),
  ];
}

function refusalLines(refusals: readonly Refusal[]): string[] {
  const told = new Map<Refusal['reason'], number>();
  const lines: string[] = [];
  for (const { reason, message, override } of refusals) {
    const number = (told.get(reason) ?? 0) + 1;
    told.set(reason, number);
    if (number <= MOST_TOLD) lines.push(`  - ${oneLine(message)}`, `    (${oneLine(override)})`);
  }
  for (const [reason, number] of told) {
    if (number > MOST_TOLD)
      lines.push(`  - ${reason}: ${count(number - MOST_TOLD)} more; --json lists all of them`);
  }
  return lines;
}

function endingOf({ status, refusals, counts, durationMs, storages, mode }: SweepReport): string[] {
  const took = `${storages.join(', ')}, ${duration(durationMs)}${mode === 'look-ups' ? ', by look-ups' : ''}`;
  switch (status) {
    case 'clean':
      if (counts.missing > 0) {
        const names = counts.missing === 1 ? 'value points' : 'values point';
        return [`No orphans, but ${count(counts.missing)} ${names} to a file that is not there (${took}).`];
      }
      return [`Clean: no orphans (${took}).`];
    case 'orphans':
      return [
        `Found ${counted(counts.orphans, 'orphan')} and removed nothing; use --remove to remove them (${took}).`,
      ];
    case 'removed':
      return [`Removed ${counted(counts.removed, 'file')} (${took}).`];
    case 'incomplete':
      return [
        `Removed ${counted(counts.removed, 'file')}, but not all orphans; run it again to continue (${took}).`,
      ];
    case 'stopped':
      return [`Stopped: removed ${counted(counts.removed, 'file')}; run it again to continue (${took}).`];
    case 'refused':
      return ['Refused, nothing was removed:', ...refusalLines(refusals)];
  }
}
