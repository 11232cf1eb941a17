import { expect } from 'chai';
import mongoose, { Schema, type Connection } from 'mongoose';
import { cleanupFor } from '../../../lib/index.js';
import type { AnyDocumentModel } from '../../support/test-app.js';
import { connect } from '../../support/database.js';
import { failCommands, healCommands } from '../../support/fail-points.js';
import { HeldTimers } from '../../support/held-timers.js';
import { faulty, type Faults } from './faulty.js';
import { Photos } from './photos.js';
import { itWith } from '../../support/versions.js';

const HOUR = 3_600_000;
const retry = { attempts: 3, minDelayMs: HOUR, maxDelayMs: HOUR };

describe('gridfsProvider: bad conditions', () => {
  let photos: Photos;
  let clock: HeldTimers;
  let faults: Faults;
  let connection: Connection;
  beforeEach(async () => {
    clock = new HeldTimers().install();
    photos = new Photos(await connect());
    faults = {};
    connection = faulty(photos.connection, faults);
  });
  afterEach(() => clock.uninstall());

  const settle = (Model: AnyDocumentModel): Promise<void> => clock.until(cleanupFor(Model).idle());
  const rest = async (): Promise<number[]> => [await photos.files(), await photos.chunks()];
  const ways = [
    ['id', Schema.Types.ObjectId],
    ['filename', String],
  ] as const;

  for (const [by, type] of ways) {
    async function stored(plugin: object = {}) {
      const id = await photos.put('a.png');
      if (by === 'filename') await photos.put('a.png', 'newer');
      const made = photos.model({ photo: type }, { by, connection }, { retry, ...plugin });
      await made.Model.create({ photo: by === 'id' ? id : 'a.png' });
      return { ...made, id, before: await rest() };
    }
    const second = by === 'id' ? 'photos.chunks deleteMany' : 'photos.files deleteMany';

    it(`by ${by}, what was interrupted between the deletes is completed by the retry`, async () => {
      const { Model, events, before } = await stored();
      faults[second] = () => Promise.reject(new mongoose.mongo.MongoNetworkError('connection reset'));
      expect((await Model.deleteOne({})) as object).to.include({ deletedCount: 1 });
      expect(events).to.deep.equal([]);
      expect((await rest()).map((left, index) => left < before[index]!)).to.deep.equal(
        by === 'id' ? [true, false] : [false, true],
      );
      faults[second] = (original) => original();
      await settle(Model);
      expect(events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['removed', 2]]);
      expect(await rest()).to.deep.equal([0, 0]);
    });

    itWith('fail points')(
      `by ${by}, a user who may not delete: failed at once, the write stands, the file stays`,
      async () => {
        const { Model, events, before } = await stored();
        // the document goes, then the server refuses
        await failCommands(photos.connection, { commands: ['delete'], after: 1, errorCode: 13 });
        const result = (await Model.deleteOne({})) as object;
        await settle(Model);
        await healCommands(photos.connection);
        expect(result).to.include({ deletedCount: 1 });
        expect(events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['failed', 1]]);
        expect(events[0]!.error).to.have.property('code', 13);
        expect([await Model.countDocuments(), await rest()]).to.deep.equal([0, before]);
      },
    );

    itWith('fail points')(`by ${by}, a command that fails each time: failed after all attempts`, async () => {
      const { Model, events, before } = await stored();
      await failCommands(photos.connection, { commands: ['delete'], after: 1, errorCode: 11600 });
      await Model.deleteOne({});
      await settle(Model);
      await healCommands(photos.connection);
      expect(events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['failed', 3]]);
      expect(await rest()).to.deep.equal(before);
    });

    const methods: [method: string, told: string][] = [
      // what is stored could not be told when the write was acknowledged
      ['photos.files find', 'kept: unanswered'],
      ['photos.files deleteMany', 'failed'],
      ['photos.chunks deleteMany', 'failed'],
    ];
    for (const [method, outcome] of methods) {
      it(`by ${by}, ${method} throws at once: never an error of the write`, async () => {
        const { Model, told } = await stored({ retry: { ...retry, attempts: 1 } });
        faults[method] = () => {
          throw new TypeError('broken driver');
        };
        expect((await Model.deleteOne({})) as object).to.include({ deletedCount: 1 });
        await settle(Model);
        expect(told()).to.deep.equal([outcome]);
      });
    }

    it(`by ${by}, a server that hangs: the write ends, and the retry removes`, async () => {
      const { Model, events } = await stored({ timeoutMs: 1000 });
      let hung = 0;
      faults['photos.files deleteMany'] = faults['photos.chunks deleteMany'] = (original) =>
        hung++ === 0 ? new Promise(() => undefined) : original();
      expect((await Model.deleteOne({})) as object).to.include({ deletedCount: 1 });
      await settle(Model);
      expect(events.map(({ outcome, attempts }) => [outcome, attempts])).to.deep.equal([['removed', 2]]);
      expect(await rest()).to.deep.equal([0, 0]);
    });

    it(`by ${by}, a look that hangs and answers late deletes nothing any more`, async () => {
      const { Model, events, before } = await stored({ timeoutMs: 1000, retry: { ...retry, attempts: 1 } });
      const late: (() => void)[] = [];
      let looks = 0;
      const found: Promise<unknown>[] = [];
      faults['photos.files find'] = (original) => ({
        // the first look is that for the fingerprint
        async toArray() {
          if (looks++ > 0) await new Promise<void>((resolve) => late.push(resolve));
          const files = (original() as { toArray(): Promise<unknown[]> }).toArray();
          found.push(files);
          return await files;
        },
      });
      let deletions = 0;
      faults['photos.files deleteMany'] = faults['photos.chunks deleteMany'] = () => deletions++;
      await Model.deleteOne({});
      await settle(Model);
      late.forEach((answer) => answer());
      await new Promise((resolve) => setImmediate(resolve));
      await Promise.all(found);
      await new Promise((resolve) => setImmediate(resolve));
      expect([late.length, deletions]).to.deep.equal([1, 0]);
      expect(events.map(({ outcome }) => outcome)).to.deep.equal(['failed']);
      expect(await rest()).to.deep.equal(before);
    });
  }

  it('a connection that is not open: the file is kept, and the write stands', async () => {
    const id = await photos.put('a.png');
    const closed = mongoose.createConnection();
    const { Model, told } = photos.model(
      { photo: Schema.Types.ObjectId },
      { connection: closed },
      { retry: { ...retry, attempts: 1 } },
    );
    await Model.create({ photo: id });
    expect((await Model.deleteOne({})) as object).to.include({ deletedCount: 1 });
    await settle(Model);
    expect(told()).to.deep.equal(['kept: unanswered']);
    const provider = photos.provider({ connection: closed });
    const [outcome] = await provider.remove([provider.identify(id)!], {
      signal: new AbortController().signal,
    });
    expect(outcome).to.include({ outcome: 'failed', retryable: true }).and.to.have.property('error');
    expect(String((outcome as { error: Error }).error)).to.include(
      'the connection is not open (readyState 0)',
    );
    expect(await rest()).to.deep.equal([1, 2]);
  });
});
