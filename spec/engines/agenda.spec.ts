import type { Agenda } from 'agenda';
import { expect } from 'chai';
import { createRequire } from 'node:module';
import type mongoose from 'mongoose';
import type { Connection } from 'mongoose';
import { agendaWorker, type AgendaWorkerOptions } from '../../lib/engines/agenda/index.js';
import { agendaOn, stopAgendas } from '../support/agenda.js';
import { connect, freshDatabase } from '../support/database.js';
import { albumOn, DueFiles, eventually } from '../support/due-files.js';
import { failCommands, healCommands } from '../support/fail-points.js';
import { describeIf, itWith, mongooseMajor } from '../support/versions.js';
import { describeBehaviour } from './behaviour.js';

const DELIVERING = 'image-cleanup: remove due files';
const LOOKING = 'image-cleanup: look for due files';

// Mongoose 7 has a driver on which Agenda runs no job
describeIf(mongooseMajor > 7, 'updates by pipelines')('agendaWorker', () => {
  afterEach(stopAgendas);
  const jobs = (connection: Connection) => connection.collection('agendaJobs');

  describeBehaviour({
    async start(connection, options) {
      return agendaWorker(await agendaOn(connection), connection, { lockLifetime: 1000, ...options });
    },
    async failures(connection) {
      const failed = await jobs(connection)
        .find({ failedAt: { $type: 'date' }, lockedAt: null, nextRunAt: null })
        .toArray();
      return failed.map(({ failReason }) => String(failReason));
    },
    waiting: (connection) =>
      jobs(connection).countDocuments({
        name: DELIVERING,
        $or: [{ nextRunAt: { $type: 'date' } }, { lockedAt: { $type: 'date' } }],
      }),
    finished: (connection) =>
      jobs(connection).countDocuments({ name: DELIVERING, nextRunAt: null, lockedAt: null, failedAt: null }),
    async retryFailed(connection) {
      await jobs(connection).updateMany({ failedAt: { $type: 'date' }, lockedAt: null }, {
        $set: { nextRunAt: new Date() },
      } as never);
    },
    async loseEverything(connection) {
      await jobs(connection).drop();
    },
    async handOutAgain(connection, ids) {
      const agenda = await agendaOn(connection);
      const data = { journal: `${connection.name}.imagecleanupintents`, ids };
      for (let time = 0; time < 2; time++) await agenda.now(DELIVERING, data);
    },
    task: () => ({}),
  });

  describe('on its own', () => {
    let connection: Connection;
    let agenda: Agenda;
    let due: DueFiles;
    const troubles: string[] = [];
    const start = (options: AgendaWorkerOptions = {}) =>
      agendaWorker(agenda, connection, {
        every: 200,
        lockLifetime: 1000,
        onError: ({ message }) => troubles.push(message),
        ...options,
      });
    beforeEach(async () => {
      troubles.length = 0;
      connection = await connect();
      agenda = await agendaOn(connection);
      due = await DueFiles.on(connection, { goes: 3 });
      albumOn(connection, { root: due.uploads.root });
    });
    afterEach(() => healCommands(connection));
    afterEach(() => due.destroy());

    it('works on an Agenda that runs already, whose other jobs go on after stop()', async () => {
      let runs = 0;
      const ofTheApp = (): Promise<void> => {
        runs++;
        return Promise.resolve();
      };
      agenda.define('of the app', ofTheApp, { lockLifetime: 1000 });
      await agenda.start();
      const worker = start();
      await due.settled();
      await worker.stop();
      expect(Object.keys(agenda.definitions)).to.deep.equal(['of the app']);
      await agenda.now('of the app');
      await eventually(() => runs === 1);
    });

    it('a second worker on one Agenda is refused, until the first has stopped', async () => {
      const worker = start();
      expect(() => start()).to.throw(
        Error,
        /already has the job "image-cleanup: look for due files"; stop the worker/,
      );
      const other = start({ name: 'other' });
      await Promise.all([worker.stop(), other.stop()]);
      await start().stop();
    });

    itWith('fail points')(
      'the collection of jobs is out of reach: told once, and taken up again',
      async () => {
        await failCommands(connection, { commands: ['findAndModify'], after: 0, errorCode: 11_602 });
        const worker = start();
        await eventually(() => troubles.length > 0);
        await healCommands(connection);
        await due.settled();
        expect(troubles).to.have.length(1);
        await worker.stop();
      },
    );

    it('a repeating job of an earlier version, with another interval, is stored anew', async () => {
      await start({ every: '1h' }).stop();
      await agenda.every(3_600_000, LOOKING);
      const worker = start();
      await eventually(
        async () => (await jobs(connection).findOne({ name: LOOKING }))?.['repeatInterval'] === 200,
      );
      await due.settled();
      await worker.stop();
    });

    it('failed jobs are forgotten after a week', async () => {
      const failed = { type: 'normal', priority: 0, data: { journal: 'x.y', ids: [] }, nextRunAt: null };
      const daysAgo = (days: number): object => {
        const at = new Date(Date.now() - days * 86_400_000);
        return { ...failed, name: DELIVERING, failedAt: at, lastFinishedAt: at };
      };
      await jobs(connection).insertMany([daysAgo(8), daysAgo(6)]);
      const worker = start();
      await eventually(
        async () => (await jobs(connection).countDocuments({ failedAt: { $type: 'date' } })) === 1,
      );
      await worker.stop();
    });

    it('a job that somebody wrote, with no intents in it, fails with a cause', async () => {
      const worker = start();
      await agenda.now(DELIVERING, { ids: 'all' });
      await agenda.now(DELIVERING, {
        journal: `${connection.name}.imagecleanupintents`,
        ids: ['x', 7, null],
      });
      await eventually(
        async () => (await jobs(connection).countDocuments({ failReason: /remove it$/ })) === 1,
      );
      await due.settled();
      await worker.stop();
    });
  });

  it('on the driver of Mongoose 7 Agenda would run nothing: that is told, and nothing is stored', async () => {
    const mongoose7 = createRequire(__filename)('mongoose-7') as typeof mongoose;
    const uri = freshDatabase();
    const connection = await connect({}, uri);
    const old = await mongoose7.createConnection(uri).asPromise();
    const due = await DueFiles.on(connection, { goes: 3 });
    albumOn(connection, { root: due.uploads.root });
    const agenda = await agendaOn(old as never);
    try {
      const told = new Promise<Error>((resolve) => {
        agendaWorker(agenda, connection, { every: 100, onError: resolve });
      });
      expect((await told).message).to.match(
        /MongoDB driver older than version 6.*stores jobs and runs none; give/,
      );
      expect(agenda.definitions).to.deep.equal({});
      expect(await jobs(connection).countDocuments()).to.equal(0);
      expect(await due.open()).to.equal(3);
    } finally {
      await stopAgendas();
      await old.close();
      await due.destroy();
    }
  });
});

describe('agendaWorker: bad input is a TypeError', () => {
  const nothing = () => Promise.resolve();
  const agenda = {
    definitions: {},
    ready: nothing(),
    define: nothing,
    every: nothing,
    now: nothing,
    queryJobs: nothing,
    cancel: nothing,
    start: nothing,
  };
  for (const [name, given, options, message] of [
    [
      'no Agenda',
      undefined,
      {},
      /first argument is undefined; allowed: an Agenda of the package "agenda", version 6; give/,
    ],
    ['another object', {}, {}, /an object of another kind/],
    [
      'an older Agenda',
      { ...agenda, queryJobs: undefined },
      {},
      /without queryJobs\(\), which is older than version 6/,
    ],
    ['every that is no time', agenda, { every: 'soon' }, /agendaWorker: the option "every" is 'soon'/],
    ['every that is too short', agenda, { every: 5 }, /at least 100 milliseconds/],
    [
      'no concurrency',
      agenda,
      { concurrency: 0 },
      /"concurrency" is 0; allowed: a whole number from 1 to 100/,
    ],
    ['a lock that is too short', agenda, { lockLifetime: 10 }, /at least 1,000 milliseconds/],
    ['a name that is empty', agenda, { name: '' }, /"name"/],
    ['an unknown option', agenda, { evrey: '1s' }, /unknown option "evrey".*write "every"/],
  ] as const) {
    it(name, async () => {
      const connection = await connect();
      expect(() => agendaWorker(given as never, connection, options as never)).to.throw(TypeError, message);
    });
  }

  it('no model, connection or mongoose', () => {
    expect(() => agendaWorker(agenda as never, {} as never)).to.throw(
      TypeError,
      /agendaWorker: give a model/,
    );
  });
});
