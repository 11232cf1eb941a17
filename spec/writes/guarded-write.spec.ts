import { expect } from 'chai';
import type { mongo } from 'mongoose';
import { DriverCall } from '../../lib/writes/driver-call.js';
import { guardedWrite } from '../../lib/writes/guarded-write.js';
import { cleanerOf } from '../../lib/removal/cleaner.js';
import { closeTestApps } from '../support/test-app.js';
import { scene, type Scene } from '../support/scene.js';

describe('a guarded write', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  it('runs, and keeps the files, when its arguments cannot be read', async () => {
    const { Album, s } = here;
    const cleaner = cleanerOf(Album)!;
    const driver = { updateOne: () => Promise.resolve('the result') } as unknown as mongo.Collection;
    const unreadable = {
      get $set(): never {
        throw new Error('unreadable');
      },
    };
    const call = new DriverCall(driver, 'updateOne', [{}, unreadable]);
    expect(await guardedWrite(call, { cleaner, operation: 'updateOne' })).to.equal('the result');
    expect(s.events).to.have.length(1);
    expect(s.events[0]).to.include({ outcome: 'kept', reason: 'no snapshot', operation: 'updateOne' });
  });

  it('hands its result on when what follows it fails', async () => {
    const { Album, goneAfter, s } = here;
    const cleaner = cleanerOf(Album)!;
    cleaner.release = () => Promise.reject(new Error('a fault of ours'));
    const gone = await goneAfter(async () => {
      expect(await Album.deleteOne({ name: 'target' })).to.include({ deletedCount: 1 });
    });
    expect(gone).to.deep.equal([]);
    expect(s.events.map(({ outcome, reason }) => `${outcome} ${String(reason)}`)).to.deep.equal([
      'kept unanswered',
    ]);
  });
});
