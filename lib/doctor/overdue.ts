import type { mongo } from 'mongoose';
import { journalsOf } from '../journal/journal-of.js';
import type { Journal } from '../journal/journal.js';
import { cleanerOf } from '../removal/cleaner.js';
import { asError } from '../shared/time-limit.js';
import type { Examination } from './examination.js';

/** A cron job that runs once a day counts as a worker, too. */
const LATE_MS = 86_400_000;

/** Intents of one machine that no worker has taken. */
interface Late {
  readonly _id: string | null;
  readonly intents: number;
}

/** Finds a journal without a worker, whose files would stay forever. */
export async function findOverdue(run: Examination): Promise<void> {
  const cleaners = run.options.models.flatMap((model) => cleanerOf(model) ?? []);
  for (const journal of journalsOf(cleaners)) {
    const { name } = journal.connection;
    run.begin(`the journal of ${name}`);
    try {
      for await (const late of lateIn(journal)) tell(run, name, late);
    } catch (thrown) {
      run.note(`the journal of ${name} could not be read: ${asError(thrown).message}`);
    }
  }
}

function lateIn({ collection }: Journal): AsyncIterable<Late> {
  const isLate: mongo.Document = { $lt: ['$dueAt', { $subtract: ['$$NOW', LATE_MS] }] };
  return collection.aggregate<Late>([
    { $match: { dueAt: { $type: 'date' }, $expr: isLate } },
    { $group: { _id: '$machine', intents: { $sum: 1 } } },
    { $sort: { _id: 1 } },
  ]);
}

function tell(run: Examination, database: string, { _id: machine, intents }: Late): void {
  const where = machine === null ? '' : ` on the machine '${machine}'`;
  run.find({
    kind: 'no-worker',
    about: `journal of ${database}`,
    message: `removals${where} have been due for more than a day, and no worker has taken them, so their files stay`,
    advice:
      `run a worker${where}: cleanupFor(mongoose).work() in a process that keeps running, or "mongoose-image-cleanup work --once" from cron` +
      (machine === null ? '' : '; if that machine is gone, see docs/durable.md'),
    count: intents,
  });
}
