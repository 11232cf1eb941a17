import type { ClientSession } from 'mongoose';
import { failCommands, healCommands } from '../support/fail-points.js';
import type { Ending, Step } from './steps.js';
import type { World } from './world.js';

type TransactionStep = Extract<Step, { transaction: unknown }>;

class Deliberate extends Error {}

const MOST_RUNS = 4;

/** Carries out the body of the transaction; `options` are what each call gets. */
type Body = (options: { session?: ClientSession }) => Promise<void>;

/**
 * A body that gives up after some runs. The driver runs a transaction again for two minutes when an unordered bulk write
 * went on after an error of its own: that error has ended the transaction, and what comes next is told that there is none,
 * which looks like a failure that passes.
 */
export function withFewRuns(body: Body): Body {
  let runs = 0;
  return async (options) => {
    if (++runs > MOST_RUNS) throw new Deliberate('enough');
    await body(options);
  };
}

export function isDeliberate(error: unknown): boolean {
  return error instanceof Deliberate;
}

/** Runs a transaction to the given end. Resolves with whether a commit was acknowledged. */
export async function transact(world: World, step: TransactionStep, body: Body): Promise<boolean> {
  const { style, end } = step;
  const isManual = style === 'manual';
  await prepareCommit(world, end, isManual);
  let isFirst = true;
  const run = withFewRuns(async (options) => {
    const isConflicting = end === 'conflict' && isFirst;
    isFirst = false;
    if (isConflicting) await provokeConflict(world, options);
    await body(options);
    if (!isManual && (end === 'abort' || end === 'throw')) throw new Deliberate(end);
  });
  try {
    if (isManual) return await manually(world, end, run);
    await inCallback(world, style, run);
    return true;
  } catch (error) {
    if (!isExpected(error, end)) throw error;
    return false;
  } finally {
    await healCommands(world.connection);
  }
}

async function prepareCommit(world: World, end: Ending, isManual: boolean): Promise<void> {
  const commands = ['commitTransaction'];
  if (end === 'commit fails') {
    await failCommands(world.connection, {
      commands,
      errorCode: 251,
      errorLabels: ['TransientTransactionError'],
    });
  } else if (end.startsWith('commit unknown')) {
    // `withTransaction` asks again by itself after a 64, and hands a 100 on
    const code = isManual || end.endsWith('once more') ? 64 : 100;
    await failCommands(world.connection, { commands, writeConcernError: { code, errmsg: 'unknown' } });
  }
}

async function manually(world: World, end: Ending, run: Body): Promise<boolean> {
  const session = await world.connection.startSession();
  try {
    session.startTransaction();
    try {
      await run({ session });
    } catch (error) {
      await session.abortTransaction();
      throw error;
    }
    if (end === 'endSession') return false;
    if (end === 'abort' || end === 'throw') {
      await session.abortTransaction();
      return false;
    }
    try {
      await session.commitTransaction();
    } catch (error) {
      if (end !== 'commit unknown, once more') throw error;
      await session.commitTransaction();
    }
    return true;
  } finally {
    await session.endSession();
    if (end === 'commit fails') await killTransaction(world, session);
  }
}

async function inCallback(world: World, style: string, run: Body): Promise<void> {
  if (style === 'withTransaction') {
    const session = await world.connection.startSession();
    try {
      await session.withTransaction(() => run({ session }));
    } finally {
      await session.endSession();
    }
    return;
  }
  await world.connection.transaction((session) => run(style === 'connection' ? { session } : {}));
}

/** The server believes that the transaction is still open, since the fail point kept the commit from it. */
async function killTransaction(world: World, session: ClientSession): Promise<void> {
  await world.connection
    .getClient()
    .db('admin')
    .command({ killSessions: [session.id] });
}

/** Somebody else changes every document after the transaction has begun to read. */
async function provokeConflict(world: World, { session }: { session?: ClientSession }): Promise<void> {
  const names = ['albums', 'concerts'];
  if (session) {
    for (const name of names) {
      await world.connection.collection(name).findOne({}, { session: session as never });
    }
  } else await world.model('Album').findOne();
  for (const name of names) await world.connection.collection(name).updateMany({}, { $inc: { count: 1 } });
}

function isExpected(error: unknown, end: Ending): boolean {
  if (isDeliberate(error)) return true;
  const { name = '', errorLabels = [] } = error as { name?: string; errorLabels?: string[] };
  if (end === 'conflict' && errorLabels.includes('TransientTransactionError')) return true;
  if (end.startsWith('commit') && end !== 'commit' && /^Mongo.*Error$/.test(name)) return true;
  return false;
}
