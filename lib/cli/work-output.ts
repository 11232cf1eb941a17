import { textOfId } from '../journal/document-id.js';
import type { DueReport } from '../journal/worker.js';
import type { CleanupEvent } from '../schema/cleanup-event.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import { counted, duration } from './numbers.js';
import type { Write } from './output.js';
import { shownValue, withoutUri } from './shown.js';

interface Started {
  readonly models: readonly string[];
  readonly every: string;
}

/** How the command prints what a worker does. */
export interface WorkOutput {
  started(started: Started): void;
  file(event: CleanupEvent): void;
  look(report: DueReport): void;
  /** The worker could not look for due intents. */
  error(error: Error): void;
  report(report: DueReport & { readonly durationMs: number }): void;
}

/**
 * One JSON object per line, each with a `type`: `started`, `file`, `look` if something was due, `error`, and at the end
 * `report`.
 */
export function jsonWorkOutput(write: Write, uri: string | undefined): WorkOutput {
  const tell = (type: string, content: object): unknown => write(JSON.stringify({ type, ...content }));
  return {
    started: (started) => tell('started', started),
    file: ({ outcome, model, documentId, field, value, reason, error }) =>
      tell('file', {
        outcome,
        model,
        documentId: documentId === null ? null : textOfId(documentId),
        field,
        value: typeof value === 'string' ? withoutSecrets(value) : value,
        reason: reason ?? null,
        error: error ? messageOf(error, uri) : null,
      }),
    look: (report) => {
      if (report.delivered + report.left > 0) tell('look', report);
    },
    error: (error) => tell('error', { error: messageOf(error, uri) }),
    report: (report) => tell('report', report),
  };
}

/** Prints files and the summary to `write`, and everything about the progress to `say`. */
export function textWorkOutput({
  write,
  say,
  isQuiet,
  uri,
}: {
  write: Write;
  say: Write;
  isQuiet: boolean;
  uri: string | undefined;
}): WorkOutput {
  let toldLeft = 0;
  return {
    started({ models, every }) {
      if (!isQuiet)
        say(`Looking for due intents of ${models.join(', ')} every ${every}; press Ctrl-C to stop.`);
    },
    file({ outcome, model, documentId, field, value, reason, error }) {
      if (isQuiet && outcome !== 'failed') return;
      const why = [reason, error && messageOf(error, uri)].filter(Boolean).join(': ');
      const document = documentId === null ? '' : ` ${textOfId(documentId)}`;
      const where = `${model}${document} ${field ?? ''}`.trimEnd();
      write(`${outcome.padEnd(8)} ${shownValue(value)}  (${where}${why === '' ? '' : `: ${why}`})`);
    },
    look(report) {
      const isNews = report.delivered > 0 || report.left !== toldLeft;
      toldLeft = report.left;
      if (isNews && !isQuiet) say(`${sentenceOf(report)}.`);
    },
    error(error) {
      say(`mongoose-image-cleanup: ${messageOf(error, uri)}; the worker tries again at the next interval`);
    },
    report({ durationMs, ...report }) {
      write(`${sentenceOf(report)} (${duration(durationMs)}).`);
    },
  };
}

function sentenceOf({ delivered, left }: DueReport): string {
  const others = left === 0 ? '' : `, left ${counted(left, 'intent')} to other processes`;
  return `Delivered ${counted(delivered, 'intent')}${others}`;
}

function messageOf({ message }: Error, uri: string | undefined): string {
  return withoutSecrets(withoutUri(message, uri));
}
