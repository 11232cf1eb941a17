import { expect } from 'chai';
import mongoose, { type Connection } from 'mongoose';
import { once } from 'node:events';
import path from 'node:path';
import type { CleanupEvent } from '../../lib/index.js';
import type { EngineOptions, EngineWorker } from '../../lib/engines/options.js';
import { startChild } from '../support/child.js';
import { countOf } from '../support/counts.js';
import { connect, freshDatabase } from '../support/database.js';
import { albumOn, DueFiles, eventually, FAILS, GOES, STAYS, type ModelTask } from '../support/due-files.js';
import type { EngineTask } from '../support/engine-child.js';
import { letTimePass } from '../support/journal.js';

/** Another engine, as these specs use it. */
export interface EngineUnderTest {
  /** A worker as in a process of its own. Processes on one connection's database share the engine's storage. */
  start(connection: Connection, options?: EngineOptions): Promise<EngineWorker>;
  /** Why jobs failed. */
  failures(connection: Connection): Promise<string[]>;
  /** Jobs that deliver, and have not ended. */
  waiting(connection: Connection): Promise<number>;
  /** Jobs that succeeded and are still there. */
  finished(connection: Connection): Promise<number>;
  /** What a dashboard's "retry" does. */
  retryFailed(connection: Connection): Promise<void>;
  /** Everything that the engine has stored is gone. */
  loseEverything(connection: Connection): Promise<void>;
  /** Stores the same job twice more. */
  handOutAgain(connection: Connection, ids: readonly string[]): Promise<void>;
  task(): Partial<EngineTask>;
}

const HOUR = 3_600_000;
const INTENTS = countOf('ENGINE_INTENTS', 200);

/** What holds on any engine. */
export function describeBehaviour(engine: EngineUnderTest): void {
  describe('as on any engine', () => {
    specsOf(engine);
  });
}

function specsOf(engine: EngineUnderTest): void {
  let connection: Connection;
  let uri: string;
  let due: DueFiles;
  let events: CleanupEvent[];
  let workers: EngineWorker[];
  let troubles: string[];
  beforeEach(async () => {
    uri = freshDatabase();
    connection = await connect({}, uri);
    [events, workers, troubles] = [[], [], []];
  });
  afterEach(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await due.destroy();
  });

  const prepare = async (
    perKind: Parameters<typeof DueFiles.on>[1],
    task: Partial<ModelTask> = {},
  ): Promise<void> => {
    due = await DueFiles.on(connection, perKind);
    albumOn(connection, { root: due.uploads.root, onEvent: (event) => events.push(event), ...task });
  };
  const start = async (on = connection): Promise<EngineWorker> => {
    const onError = (error: Error): unknown => troubles.push(error.message);
    const worker = await engine.start(on, { every: 200, onError });
    workers.push(worker);
    return worker;
  };
  const told = (outcome: string): string[] =>
    events
      .filter((event) => event.outcome === outcome)
      .map(({ value }) => String(value))
      .sort();
  /** Every file exactly once. */
  const expectEach = (outcome: string, kind: string, count: number): void => {
    const names = Array.from({ length: count }, (_, n) => `${kind}-${String(n)}.png`);
    expect(told(outcome)).to.deep.equal(names.sort());
  };

  it(`${String(INTENTS)} intents: each is settled by its outcome, and the engine agrees`, async function () {
    this.timeout(180_000);
    const [stays, fails] = [Math.round(INTENTS * 0.35), Math.round(INTENTS * 0.05)];
    const goes = INTENTS - stays - fails;
    await prepare({ goes, stays, fails });
    await start();
    await due.settled();
    await eventually(async () => (await engine.waiting(connection)) === 0);
    expectEach('removed', GOES, goes);
    expectEach('kept', STAYS, stays);
    expectEach('failed', FAILS, fails);
    expect(await due.namesOf(GOES)).to.deep.equal([]);
    expect(await due.namesOf(STAYS)).to.have.length(stays);
    const left = await due.intents();
    expect(left).to.have.length(fails);
    for (const { failedAt, values } of left) {
      expect(failedAt).to.be.a('date');
      expect(values[0]).to.include({ error: 'no right to remove it' });
    }
    const failures = await engine.failures(connection);
    expect(failures.map((one) => Number.parseInt(one)).reduce((sum, count) => sum + count)).to.equal(fails);
    expect(failures[0]).to.match(/fails-\d+\.png: no right to remove it/);
    expect(await engine.finished(connection)).to.equal(0);
    expect(troubles).to.deep.equal([]);
  });

  it('a process killed in the middle: another one ends the work', async function () {
    this.timeout(180_000);
    await prepare({ goes: 120, stays: 30, fails: 10 });
    const task: EngineTask = { uri, root: due.uploads.root, haltAfter: 30, ...engine.task() };
    const child = startChild(path.join(__dirname, '../support/engine-child.ts'), [JSON.stringify(task)]);
    const ended = once(child, 'exit');
    try {
      const [said] = (await Promise.race([once(child.stdout!, 'data'), ended])) as [Buffer];
      expect(String(said)).to.match(/halted/);
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
    const open = await due.open();
    expect(open, 'it was in the middle').to.be.greaterThan(50).and.lessThan(160);
    await letTimePass(connection, HOUR);
    await start();
    await due.settled();
    expect(await due.namesOf(GOES)).to.deep.equal([]);
    expect(await due.namesOf(STAYS)).to.have.length(30);
    expect(await due.namesOf(FAILS)).to.have.length(10);
    expect(await due.intents()).to.have.length(10);
    await eventually(async () => (await engine.waiting(connection)) === 0);
  });

  it('everything lost that the engine had stored: handed out again, and nothing is lost', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let isHeld = false;
    const hold = (): Promise<void> => {
      isHeld = true;
      return held;
    };
    await prepare({ goes: 100, stays: 20 }, { hold });
    await start();
    await eventually(async () => isHeld && (await engine.waiting(connection)) > 0);
    await engine.loseEverything(connection);
    await due.note(['later.png']);
    await due.uploads.put('later.png');
    release();
    await eventually(async () => {
      await letTimePass(connection, HOUR);
      return (await due.open()) === 0;
    });
    expect(await due.uploads.names()).to.deep.equal(await due.namesOf(STAYS));
    expect(told('removed')).to.have.length(101);
  });

  it('two processes, and each job twice: each file is removed once, and nothing is told to be missing', async () => {
    await prepare({ goes: 60 });
    const ids = (await due.intents()).map(({ _id }) => _id.toHexString());
    const other = await connect({}, uri);
    albumOn(other, { root: due.uploads.root, onEvent: (event) => events.push(event) });
    await Promise.all([start(), start(other)]);
    await engine.handOutAgain(connection, ids);
    await due.settled();
    await eventually(async () => (await engine.waiting(connection)) === 0);
    expectEach('removed', GOES, 60);
    expect(events).to.have.length(60);
  });

  it('stop() waits for what is under way, and takes nothing more', async () => {
    let release!: () => void;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    let heldCount = 0;
    const hold = (): Promise<void> => {
      heldCount++;
      return held;
    };
    await prepare({ goes: 40 }, { hold });
    const worker = await start();
    await eventually(() => heldCount > 0);
    let isStopped = false;
    const stopped = worker.stop().then(() => {
      isStopped = true;
    });
    await engine.waiting(connection);
    expect(isStopped, 'before its removals have ended').to.equal(false);
    release();
    await stopped;
    expect(told('removed')).to.have.length(heldCount);
    expect(await due.open()).to.equal(40 - heldCount);
    await due.note(['later.png']);
    // whoever comes next has the rest at once, without a lease to wait for
    await start();
    await due.settled();
    expectEach('removed', GOES, 40);
  });

  it('a failure that passes is tried again when the journal says so, and never by the engine', async () => {
    let isBroken = true;
    await prepare({ fails: 1 }, { isBroken: () => isBroken, isPassing: true });
    await start();
    await eventually(async () => (await due.intents())[0]?.tries === 1);
    await eventually(async () => (await engine.waiting(connection)) === 0);
    expect(await engine.failures(connection)).to.deep.equal([]);
    isBroken = false;
    await letTimePass(connection, HOUR);
    await due.settled();
    expectEach('removed', FAILS, 1);
    expect(await due.intents()).to.deep.equal([]);
  });

  it('a failed job that somebody retries tries its files anew', async () => {
    let isBroken = true;
    await prepare({ fails: 3 }, { isBroken: () => isBroken });
    await start();
    await eventually(async () => (await engine.failures(connection)).length > 0);
    await due.settled();
    expectEach('failed', FAILS, 3);
    // the cause is still there
    await engine.retryFailed(connection);
    await eventually(() => told('failed').length === 6);
    await due.settled();
    await eventually(async () => (await engine.waiting(connection)) === 0);
    expect(await engine.failures(connection)).to.not.deep.equal([]);
    isBroken = false;
    await engine.retryFailed(connection);
    await eventually(async () => (await due.intents()).length === 0);
    expectEach('removed', FAILS, 3);
  });

  it('a job that names an intent which is not due, as it is in its grace period, removes nothing', async () => {
    await prepare({ goes: 2 });
    const [waiting] = await due.intents();
    await connection
      .collection('imagecleanupintents')
      .updateOne({ _id: waiting!._id }, { $set: { dueAt: new Date(Date.now() + HOUR) } } as never);
    await start();
    await engine.handOutAgain(connection, [waiting!._id.toHexString()]);
    await eventually(async () => (await due.open()) === 1 && (await engine.waiting(connection)) === 0);
    expect(await due.namesOf(GOES)).to.deep.equal([String(waiting!.values[0]!.value)]);
  });

  it('a process that lacks the model leaves the files to others, and says so once', async () => {
    const log: string[] = [];
    await prepare({ goes: 3 }, { log });
    await connection.collection('imagecleanupintents').updateMany({}, { $set: { model: 'Gone' } } as never);
    await start();
    await eventually(() => log.some((line) => line.includes('there is no model "Gone"')));
    await eventually(async () => (await engine.waiting(connection)) === 0);
    expect(log.filter((line) => line.includes('Gone'))).to.have.length(1);
    expect(await due.open()).to.equal(3);
    expect(await engine.failures(connection)).to.deep.equal([]);
    expect(await due.namesOf(GOES)).to.have.length(3);
  });

  it('no model has a journal: that is told', async () => {
    due = await DueFiles.on(connection, {});
    const none = new mongoose.Mongoose();
    await none.connect(uri);
    try {
      await start(none.connection);
      await eventually(() =>
        troubles.some((one) => one.includes('no model in this process has the option "journal"')),
      );
    } finally {
      await Promise.all(workers.map((worker) => worker.stop()));
      await none.disconnect();
    }
  });
}
