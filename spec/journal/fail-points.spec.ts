import { expect } from 'chai';
import { Schema, type ClientSession, type Connection } from 'mongoose';
import { cleanupFor, imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, uriOf } from '../support/database.js';
import { failCommands, healCommands, type Failure } from '../support/fail-points.js';
import { intentsOf, letTimePass } from '../support/journal.js';
import { describeWith } from '../support/versions.js';

type How = Omit<Failure, 'commands' | 'times' | 'after'>;

const FAILURES: Readonly<Record<string, How>> = {
  'not primary': { errorCode: 10107 },
  'a change of the primary': { errorCode: 11602 },
  'a shutdown': { errorCode: 91 },
  'a time-out': { errorCode: 50 },
  'no permission': { errorCode: 13 },
  'a lost connection': { closeConnection: true },
  'a write concern that fails': {
    writeConcernError: { code: 64, errmsg: 'waiting for replication timed out' },
  },
};

/** Where a write fails: the command, and which one of that name. Without a repetition by the driver. */
const OF_A_WRITE: Readonly<Record<string, Pick<Failure, 'commands' | 'after'>>> = {
  'the creation of the indexes': { commands: ['createIndexes'] },
  'the look-up': { commands: ['find'] },
  'the intent': { commands: ['update'] },
  'the write': { commands: ['update'], after: 1 },
  'the question': { commands: ['find'], after: 1 },
  'the settlement': { commands: ['delete'] },
};

const OF_A_WORKER: Readonly<Record<string, Pick<Failure, 'commands' | 'after'>>> = {
  'the look for due intents': { commands: ['find'] },
  'the claim': { commands: ['update'] },
  'what it has claimed': { commands: ['find'], after: 1 },
  'the look for later drops': { commands: ['find'], after: 2 },
  'the question': { commands: ['find'], after: 3 },
  'the settlement': { commands: ['delete'] },
};

describeWith('updates by pipelines', 'fail points')('the journal where MongoDB fails', () => {
  let s: TestApp;
  let connection: Connection;
  let Album: AnyDocumentModel;
  let Archive: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    connection = await connect({ retryWrites: false, retryReads: false });
    Album = modelOf('Album', 0);
    Archive = modelOf('Archive', '1h');
    await s.uploads.put('a.png', 'b.png');
    await connection.collection('albums').insertOne({ image: 'a.png' });
    await connection.collection('archives').insertOne({ image: 'a.png' });
  });
  afterEach(() => healCommands(connection));
  afterEach(closeTestApps);

  function modelOf(name: string, gracePeriod: number | string): AnyDocumentModel {
    const schema = new Schema({ image: String }, { autoIndex: false, autoCreate: false });
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options, journal: true, gracePeriod });
    return connection.model(name, schema) as AnyDocumentModel;
  }

  async function outcomeOf(work: Promise<unknown>): Promise<'done' | 'refused'> {
    const outcome = await work.then(
      () => 'done' as const,
      () => 'refused' as const,
    );
    await cleanupFor(connection).idle();
    await healCommands(connection);
    return outcome;
  }

  /** Hours pass, and workers come. */
  async function later(): Promise<void> {
    for (let rounds = 0; rounds < 4; rounds++) {
      await letTimePass(connection, 4 * 3_600_000);
      await cleanupFor(connection).runDue();
    }
  }

  /** Every used file is there; what nobody uses is gone, or was told to stay because nothing could be noted of it. */
  async function check(what: string): Promise<void> {
    const found = await Promise.all([Album, Archive].map((model) => model.collection.find().toArray()));
    const used = new Set(found.flat().map(({ image }) => image as string));
    const stored = (await s.uploads.names()).filter((name) => name === 'a.png' || used.has(name));
    const excused = s.events
      .filter(({ reason }) => reason === 'unjournalled' || reason === 'no snapshot')
      .map(({ value }) => value as string | undefined);
    expect(stored, what).to.include.members([...used].filter(Boolean));
    // a look-up that failed does not even know the values
    const isExcused = (name: string): boolean => excused.includes(name) || excused.includes(undefined);
    const orphans = stored.filter((name) => !used.has(name) && !isExcused(name));
    expect(orphans, what).to.deep.equal([]);
    expect(await intentsOf(connection), what).to.deep.equal([]);
    expect(
      s.log.filter((line) => line.includes('unexpected')),
      what,
    ).to.deep.equal([]);
  }

  for (const [step, where] of Object.entries(OF_A_WRITE)) {
    for (const [name, how] of Object.entries(FAILURES)) {
      it(`${name} at ${step} of a write`, async () => {
        // of the file that both have, the write of the first model is not the last
        await Archive.collection.deleteMany({});
        await failCommands(connection, { ...where, ...how });
        const outcome = await outcomeOf(Album.updateOne({ image: 'a.png' }, { image: 'b.png' }));
        expect(outcome).to.equal(step === 'the write' ? 'refused' : 'done');
        await later();
        await check(`after ${outcome}`);
      });
    }
  }

  for (const [step, where] of Object.entries(OF_A_WRITE).slice(0, 4)) {
    for (const name of ['not primary', 'a lost connection'] as const) {
      it(`${name} at ${step} of a write with a grace period`, async () => {
        await Album.collection.deleteMany({});
        await failCommands(connection, { ...where, ...FAILURES[name] });
        await outcomeOf(Archive.updateOne({ image: 'a.png' }, { image: 'b.png' }));
        await later();
        await check('at the end');
      });
    }
  }

  for (const [step, where] of Object.entries(OF_A_WORKER)) {
    for (const [name, how] of Object.entries(FAILURES)) {
      it(`${name} at ${step} of a worker`, async () => {
        await Album.collection.deleteMany({});
        await Archive.updateOne({ image: 'a.png' }, { image: null });
        await letTimePass(connection, 3_600_000);
        await failCommands(connection, { ...where, ...how });
        await outcomeOf(cleanupFor(connection).runDue());
        await later();
        await check('at the end');
        expect(await s.uploads.has('a.png')).to.equal(false);
      });
    }
  }

  describeWith('transactions')('in a transaction', () => {
    for (const [step, where] of Object.entries<Pick<Failure, 'commands' | 'after'>>({
      'the intent': { commands: ['update'] },
      'the write': { commands: ['update'], after: 1 },
      'the commit': { commands: ['commitTransaction'] },
    })) {
      for (const name of ['not primary', 'a lost connection', 'no permission'] as const) {
        it(`${name} at ${step}: it is repeated, or refused as a whole`, async () => {
          await Archive.collection.deleteMany({});
          // what a transaction needs and cannot make within it
          await Album.updateOne({ image: 'none' }, { image: 'b.png' });
          await failCommands(connection, { ...where, ...FAILURES[name] });
          const act = async (session: ClientSession): Promise<void> => {
            try {
              await Album.updateOne({ image: 'a.png' }, { image: 'b.png' }, { session });
            } finally {
              await healCommands(connection);
            }
          };
          await outcomeOf(connection.transaction(act));
          await later();
          await check('at the end');
        });
      }
    }
  });

  it('the driver repeats an intent that met a failover, so that nothing is told', async () => {
    const repeating = await connect({ retryWrites: true }, uriOf(connection));
    const schema = new Schema({ image: String });
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options, journal: true });
    const Photo = repeating.model('Photo', schema) as AnyDocumentModel;
    await s.uploads.put('c.png');
    await Photo.create({ image: 'c.png' });
    await failCommands(repeating, { commands: ['update'], errorCode: 10107 });
    await Photo.updateOne({}, { image: null });
    expect(await s.outcomes()).to.deep.equal(['removed c.png']);
  });
});
