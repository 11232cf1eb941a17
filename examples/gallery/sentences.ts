import path from 'node:path';
import type { CleanupEvent } from '../../lib/index.js';
import type { Refusal } from './faulty-storage.js';

/** One line of the stream: the outcome of a file, or why its removal has to wait. */
export interface Line {
  readonly outcome: CleanupEvent['outcome'] | 'refused';
  readonly file: string;
  readonly text: string;
  /** The Mongoose call, if the line is about an event of the library. */
  readonly operation?: string;
}

export function lineOfEvent(event: CleanupEvent): Line {
  const file = event.asset ? path.basename(event.asset.key) : String(event.value ?? 'files');
  return { outcome: event.outcome, file, text: textOf(event), operation: event.operation };
}

function textOf({ outcome, reason, error, attempts }: CleanupEvent): string {
  const tries = attempts === 1 ? 'after one try' : `after ${String(attempts)} tries`;
  if (outcome === 'removed') {
    return attempts > 1
      ? `no document uses it any more; removed at try ${String(attempts)}`
      : 'no document uses it any more';
  }
  if (outcome === 'missing') return 'the folder no longer had this file';
  if (outcome === 'failed') return `could not be removed ${tries}: ${error?.message ?? 'unknown error'}`;
  if (reason === 'still used') return 'a document still uses it';
  return `kept: ${reason ?? 'no reason was given'}`;
}

export function lineOfRefusal({ asset, code, times }: Refusal): Line {
  const text =
    code === 'EBUSY'
      ? `the storage is busy (EBUSY, try ${String(times)}); the library waits and tries again`
      : 'the storage denies permission (EACCES)';
  return { outcome: 'refused', file: path.basename(asset.key), text };
}

/** What one request did to the files, to be read after “… was deleted”. */
export function summaryOf(lines: readonly Line[]): string {
  const settled = new Set(lines.filter(({ outcome }) => outcome !== 'refused').map(({ file }) => file));
  const waiting = new Set(lines.map(({ file }) => file).filter((file) => !settled.has(file)));
  const count = (wanted: Line['outcome']): number => lines.filter(({ outcome }) => outcome === wanted).length;
  const parts = [
    [count('removed'), 'removed'],
    [count('missing'), 'already missing'],
    [
      count('kept'),
      lines.some(({ text }) => text.includes('still uses'))
        ? 'kept because a document still uses it'
        : 'kept',
    ],
    [waiting.size, 'waiting for another try'],
    [count('failed'), 'failed'],
  ] as const;
  const told = parts.filter(([n]) => n > 0).map(([n, what]) => `${files(n)} ${what}`);
  return told.length === 0 ? 'no file was removed' : told.join(', ');
}

/** What will happen to images that an album dropped. */
export function promiseOf(count: number, graceMs: number): string {
  const seconds = graceMs === 1000 ? '1 second' : `${String(graceMs / 1000)} seconds`;
  return `${files(count)} will be removed in ${seconds}, unless a document uses ${count === 1 ? 'it' : 'them'} again`;
}

export function files(count: number): string {
  return count === 1 ? '1 file' : `${String(count)} files`;
}
