import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { cleanupFor } from '../../lib/index.js';
import { Lease } from '../../lib/sweep/lease.js';
import { ListingProvider } from '../support/listing-provider.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { describeWith } from '../support/versions.js';

describeWith('updates by pipelines')('a scheduled sweep', () => {
  let s: TestApp;
  let storage: ListingProvider;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    storage = new ListingProvider();
    Album = s.model('Album', { image: String }, { provider: storage });
    storage.put('1.png', '2.png', 'left.png');
    await Album.create([{ image: 'memory:1.png' }, { image: 'memory:2.png' }]);
  });
  afterEach(closeTestApps);

  const leases = () => s.connection.db!.collection('imagecleanupleases');

  it('sweeps once in its interval, whichever process looks', async () => {
    const reports: string[] = [];
    const options = {
      every: '6h',
      olderThan: 0,
      remove: true,
      onReport: (r: { status: string }) => reports.push(r.status),
    };
    const one = cleanupFor(Album).scheduleSweep(options);
    const other = cleanupFor(s.connection).scheduleSweep(options);
    expect((await one.runIfDue())?.status).to.equal('removed');
    expect(await other.runIfDue()).to.equal(null);
    expect(await one.runIfDue()).to.equal(null);
    await leases().updateOne({}, { $set: { startedAt: new Date(Date.now() - 7 * 3_600_000) } });
    expect((await other.runIfDue())?.status).to.equal('clean');
    expect(reports).to.deep.equal(['removed', 'clean']);
    expect(storage.keys).to.deep.equal(['1.png', '2.png']);
    await Promise.all([one.stop(), other.stop()]);
  });

  it('is done by one process at a time, however long it takes', async () => {
    const one = cleanupFor(Album).scheduleSweep({ every: 1000, olderThan: 0 });
    const other = cleanupFor(Album).scheduleSweep({ every: 1000, olderThan: 0 });
    const answers: unknown[] = [];
    storage.onListed = async () => {
      if (answers.length > 0) return;
      answers.push('asked');
      await leases().updateOne({}, { $set: { startedAt: new Date(0) } });
      answers.push(await other.runIfDue());
    };
    expect((await one.runIfDue())?.status).to.equal('orphans');
    expect(answers).to.deep.equal(['asked', null]);
    expect(storage.listings).to.equal(1);
    await Promise.all([one.stop(), other.stop()]);
  });

  it('is a dry run unless told otherwise', async () => {
    const schedule = cleanupFor(Album).scheduleSweep({ every: '1d', olderThan: 0 });
    expect((await schedule.runIfDue())?.status).to.equal('orphans');
    await schedule.stop();
    expect((await cleanupFor(Album).sweep({ olderThan: 0 })).status).to.equal('orphans');
    expect(storage.keys).to.include('left.png');
  });

  it('stops when told to, between two batches, and gives the lease back', async () => {
    const schedule = cleanupFor(Album).scheduleSweep({ every: '1h', olderThan: 0, remove: true });
    let stopping: Promise<void> | undefined;
    storage.onListed = () => {
      stopping = schedule.stop();
    };
    expect((await schedule.runIfDue())?.status).to.equal('stopped');
    await stopping;
    expect(storage.keys).to.include('left.png');
    expect((await leases().findOne({}))?.['holder']).to.equal(null);
    expect(await schedule.runIfDue()).to.equal(null);
  });

  it('gives the lease back when the sweep throws', async () => {
    const schedule = cleanupFor(Album).scheduleSweep({
      every: '1h',
      now: () => {
        throw new Error('no clock');
      },
    });
    const thrown = await schedule.runIfDue().catch((error: unknown) => error);
    expect((thrown as Error).message).to.equal('no clock');
    expect((await leases().findOne({}))?.['holder']).to.equal(null);
    await schedule.stop();
  });

  it('refuses wrong options at once', () => {
    expect(() => cleanupFor(Album).scheduleSweep({ every: '10ms' })).to.throw(
      TypeError,
      /"every" is '10ms'; allowed: at least '1s'/,
    );
    expect(() => cleanupFor(Album).scheduleSweep({ every: '6h', olderThan: 'long' })).to.throw(
      TypeError,
      /"olderThan"/,
    );
  });

  describe('its lease', () => {
    const lease = (ms = 60_000): Lease => new Lease(s.connection.db as unknown as mongo.Db, 'sweep', ms);

    it('has one holder', async () => {
      const all = Array.from({ length: 8 }, () => lease());
      const taken = await Promise.all(all.map((one) => one.take(0)));
      expect(taken.filter(Boolean)).to.have.length(1);
    });

    it('is free again once released', async () => {
      const [one, other] = [lease(), lease()];
      expect([await one.take(0), await other.take(0)]).to.deep.equal([true, false]);
      await other.release();
      expect(await other.take(0)).to.equal(false);
      await one.release();
      expect(await other.take(0)).to.equal(true);
    });

    it('goes to another when its holder died, and the old holder learns it', async () => {
      const [dead, other] = [lease(), lease()];
      await dead.take(0);
      expect(await dead.renew()).to.equal(true);
      await leases().updateOne({}, { $set: { until: new Date(Date.now() - 1000) } });
      expect(await other.take(0)).to.equal(true);
      expect(await dead.renew()).to.equal(false);
      await dead.release();
      expect(await lease().take(0)).to.equal(false);
    });
  });
});
