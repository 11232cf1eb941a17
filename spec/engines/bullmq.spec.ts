import { Queue, Worker, type Job } from 'bullmq';
import { Redis } from 'ioredis';
import { expect } from 'chai';
import type { Connection } from 'mongoose';
import { bullmqWorker, type BullmqWorkerOptions } from '../../lib/engines/bullmq/index.js';
import { loadWorker } from '../../lib/engines/bullmq/queue.js';
import { connect } from '../support/database.js';
import { albumOn, DueFiles, eventually } from '../support/due-files.js';
import { isRedisOurs, startRedis, whyNoRedis, type TestRedis } from '../support/redis.js';
import { describeIf, itIf } from '../support/versions.js';
import { describeBehaviour } from './behaviour.js';

const DELIVERING = 'remove due files';
const reason = whyNoRedis();
let queues = 0;

describeIf(reason === undefined, 'updates by pipelines')(
  `bullmqWorker${reason === undefined ? '' : ` (${reason})`}`,
  () => {
    let redis: TestRedis;
    let queue: Queue;
    before(async () => {
      redis = await startRedis();
    });
    after(() => redis.stop());
    beforeEach(() => {
      queue = open(`images-${String(process.pid)}-${String(++queues)}`);
    });
    afterEach(() => queue.close());

    function open(name: string): Queue {
      const { host, port } = redis;
      const opened = new Queue(name, { connection: { host, port } });
      // its connection is lost in some of the specs
      opened.on('error', () => undefined);
      return opened;
    }
    const worker = { stalledInterval: 500 };

    describeBehaviour({
      start: (connection, options) =>
        Promise.resolve(bullmqWorker(queue, connection, { worker, ...options })),
      failures: async () => (await queue.getFailed()).map(({ failedReason }) => failedReason),
      waiting: async () => {
        const jobs = (await queue.getJobs(['waiting', 'active', 'delayed', 'prioritized'])) as (
          Job | undefined
        )[];
        return jobs.filter((job) => job?.name === DELIVERING).length;
      },
      finished: () => queue.getCompletedCount(),
      async retryFailed() {
        for (const job of await queue.getFailed()) await job.retry('failed');
      },
      async loseEverything() {
        if (!isRedisOurs()) return queue.obliterate({ force: true });
        const client = new Redis(redis.port, redis.host);
        await client.flushall();
        client.disconnect();
      },
      async handOutAgain(connection, ids) {
        const journal = `${connection.name}.imagecleanupintents`;
        const jobs = [...ids, ...ids].map((id) => ({ name: DELIVERING, data: { journal, ids: [id] } }));
        await queue.addBulk(jobs.map((job) => ({ ...job, opts: { removeOnComplete: true } })));
      },
      task: () => ({ redis: { host: redis.host, port: redis.port, queue: queue.name } }),
    });

    describe('on its own', () => {
      let connection: Connection;
      let due: DueFiles;
      const troubles: string[] = [];
      const start = (options: BullmqWorkerOptions = {}) =>
        bullmqWorker(queue, connection, {
          every: 200,
          onError: ({ message }) => troubles.push(message),
          worker,
          ...options,
        });
      beforeEach(async () => {
        troubles.length = 0;
        connection = await connect();
        due = await DueFiles.on(connection, { goes: 3 });
        albumOn(connection, { root: due.uploads.root });
      });
      afterEach(() => due.destroy());

      itIf(isRedisOurs())(
        'Redis out of reach, and back without what it had: told once, and taken up again',
        async function () {
          this.timeout(60_000);
          const running = start();
          await due.settled();
          await redis.kill();
          await eventually(() => troubles.length > 0);
          await due.note(['later.png']);
          await due.uploads.put('later.png');
          await redis.restart();
          await due.settled();
          expect(await due.uploads.names()).to.deep.equal([]);
          expect(troubles.filter((one) => one.includes('ECONNREFUSED')).length).to.be.lessThan(2);
          await running.stop();
        },
      );

      itIf(isRedisOurs())('stop() ends while Redis is out of reach', async function () {
        this.timeout(60_000);
        const running = start();
        await due.settled();
        await redis.kill();
        await running.stop();
        await redis.restart();
      });

      it('a job of others in its queue fails with a cause', async () => {
        const running = start();
        await queue.add('mail', { to: 'x' });
        await queue.add(DELIVERING, { ids: 'all' });
        await eventually(async () => (await queue.getFailedCount()) === 2);
        const [job] = (await queue.getFailed()).filter(({ name }) => name === 'mail');
        expect(job!.failedReason).to.match(
          /has a job "mail" that bullmqWorker did not add; bullmqWorker needs a queue of its own/,
        );
        await running.stop();
      });

      it('the repeating job whose next run somebody has removed is stored anew', async () => {
        const past = Date.now() - 3_600_000;
        const stored = { every: 200, next: past };
        const upserted: unknown[] = [];
        const late = Object.create(queue, {
          getJobScheduler: { value: () => Promise.resolve(stored) },
          upsertJobScheduler: {
            value: (...args: unknown[]) => {
              upserted.push(args[0]);
              stored.next = Date.now();
              return Promise.resolve();
            },
          },
        }) as Queue;
        const running = bullmqWorker(late, connection, { every: 200, worker });
        await eventually(() => upserted.length > 0);
        await running.stop();
        expect(upserted).to.deep.equal(['image-cleanup']);
      });

      it('works with a client of the app that a worker can use, and says so of one that it cannot', async () => {
        const { host, port } = redis;
        const client = new Redis(port, host, { maxRetriesPerRequest: null });
        const other = new Queue(`${queue.name}-client`, { connection: client });
        const running = bullmqWorker(other, connection, { every: 200 });
        await due.settled();
        await running.stop();
        await other.close();
        client.disconnect();
        const unfit = new Redis(port, host);
        const third = new Queue(`${queue.name}-unfit`, { connection: unfit });
        expect(() => bullmqWorker(third, connection)).to.throw(
          TypeError,
          /a client whose option "maxRetriesPerRequest" is not null; allowed: a client where it is null/,
        );
        await third.close();
        unfit.disconnect();
      });

      it('the Worker that it loads is the one of the app', () => {
        expect(loadWorker()).to.equal(Worker);
      });
    });
  },
);

describe('bullmqWorker: bad input', () => {
  const nothing = () => Promise.resolve();
  const queue = {
    name: 'q',
    opts: {},
    addBulk: nothing,
    getJobScheduler: nothing,
    upsertJobScheduler: nothing,
  };
  for (const [name, given, options, message] of [
    [
      'no Queue',
      'images',
      {},
      /first argument is 'images'; allowed: a Queue of the package "bullmq"; give new Queue/,
    ],
    ['another object', {}, {}, /an object of another kind/],
    ['an older Queue', { ...queue, getJobScheduler: undefined }, {}, /a Queue without getJobScheduler\(\)/],
    ['every that is no time', queue, { every: 'soon' }, /bullmqWorker: the option "every" is 'soon'/],
    ['no concurrency', queue, { concurrency: 1.5 }, /"concurrency" is 1.5; allowed: a whole number/],
    [
      'worker that is no object',
      queue,
      { worker: 4 },
      /"worker" is 4; allowed: an object with options of BullMQ's Worker/,
    ],
    ['an unknown option', queue, { connection: {} }, /unknown option "connection"; known: every/],
  ] as const) {
    it(`${name} is a TypeError`, async () => {
      const connection = await connect();
      expect(() => bullmqWorker(given as never, connection, options as never)).to.throw(TypeError, message);
    });
  }

  it('without the package bullmq the error has the install command', () => {
    expect(() => loadWorker(['/'])).to.throw(Error, /Run `npm install bullmq@6 ioredis@5`/);
  });
});
