import type { MissingFile, ReadCollection, SweepReport, SweptFile } from '../sweep/index.js';
import { bytes, count, counted, duration, oneLine } from './numbers.js';

/** What the command tells while it works and at its end. */
export interface Output {
  collection(collection: ReadCollection): void;
  file(file: SweptFile): void;
  missing(missing: MissingFile): void;
  report(report: SweepReport): void;
}

type Write = (line: string) => unknown;

/** One object a line, each with a `type`: `collection`, `file`, `missing`, and at the end `report`. */
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
    missing: (missing) => {
      tell('missing', missing);
    },
    report: ({ files: _files, missing: _missing, collections: _collections, ...report }) => {
      tell('report', report);
    },
  };
}

/** Files on `write`, everything about the work itself on `say`. */
export function textOutput(write: Write, say: Write, { isQuiet }: { isQuiet: boolean }): Output {
  return {
    collection: ({ database, collection, models, fields, documents, references }) => {
      if (isQuiet) return;
      const found = `${counted(documents, 'document')}, ${counted(references, 'reference')}`;
      say(`Read ${database}.${collection} (${models.join(', ')}: ${fields.join(', ')}): ${found}`);
    },
    file: ({ outcome, name, size, reason, error }) => {
      if (isQuiet && outcome !== 'failed') return;
      const why = [reason, error?.message].filter(Boolean).join(': ');
      write(`${outcome.padEnd(8)} ${oneLine(name)}  ${bytes(size)}${why === '' ? '' : `  (${why})`}`);
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
  unclear: 'kept: a document names one like it',
  usedElsewhere: 'used, says a references function',
  unanswered: 'kept: a function did not answer',
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
  return ['', ...table, '', ...report.notes.map((note) => `Note: ${note}`), ...endingOf(report)];
}

function endingOf({ status, refusals, counts, durationMs, storages, mode }: SweepReport): string[] {
  const took = `${storages.join(', ')}, ${duration(durationMs)}${mode === 'look-ups' ? ', by look-ups' : ''}`;
  switch (status) {
    case 'clean':
      return [`Clean: no orphans (${took}).`];
    case 'orphans':
      return [
        `Found ${counted(counts.orphans, 'orphan')} and removed nothing; --remove removes them (${took}).`,
      ];
    case 'removed':
      return [`Removed ${counted(counts.removed, 'file')} (${took}).`];
    case 'incomplete':
      return [
        `Removed ${counted(counts.removed, 'file')}, but not all orphans; run it again to go on (${took}).`,
      ];
    case 'stopped':
      return [`Stopped: removed ${counted(counts.removed, 'file')}; run it again to go on (${took}).`];
    case 'refused':
      return [
        'Refused, nothing was removed:',
        ...refusals.map(({ message, override }) => `  - ${message}\n    (${override})`),
      ];
  }
}
