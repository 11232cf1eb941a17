import { expect } from 'chai';
import { setImmediate } from 'node:timers/promises';
import { forEachOf, mapOf } from '../../lib/shared/pool.js';

describe('the worker pool', () => {
  it('works on a few items at once, and on each of them once', async () => {
    let running = 0;
    let most = 0;
    const done: number[] = [];
    await forEachOf(Array.from({ length: 50 }).keys(), 4, async (item) => {
      most = Math.max(most, ++running);
      await setImmediate();
      done.push(item);
      running--;
    });
    expect(most).to.equal(4);
    expect(done)
      .to.have.members([...Array(50).keys()])
      .and.to.have.length(50);
  });

  it('returns results in the order of the items', async () => {
    let running = 0;
    let most = 0;
    const results = await mapOf([5, 1, 3, 0], 2, async (turns) => {
      most = Math.max(most, ++running);
      for (let turn = 0; turn < turns; turn++) await setImmediate();
      running--;
      return turns * 10;
    });
    expect(results).to.deep.equal([50, 10, 30, 0]);
    expect(most).to.equal(2);
  });

  it('rejects with the first error', async () => {
    const error = await mapOf([1, 2], 1, async (item) => {
      throw new Error(String(item));
    }).catch((thrown: unknown) => thrown);
    expect(error).to.have.property('message', '1');
  });
});
