import { expect } from 'chai';
import { once } from 'node:events';
import { waitAtMost, withTimeLimit } from '../../lib/shared/time-limit.js';

describe('time limits', () => {
  it('an act may listen to its signal as often as it likes without a warning of the process', async () => {
    const warnings: Error[] = [];
    const note = (warning: Error): void => void warnings.push(warning);
    process.on('warning', note);
    try {
      await withTimeLimit('listening', 1000, (signal) => {
        for (let n = 0; n < 100; n++) signal.addEventListener('abort', () => n);
      });
      // Node emits warnings on the next tick
      await new Promise((resolve) => process.nextTick(() => setImmediate(resolve)));
    } finally {
      process.off('warning', note);
    }
    expect(warnings).to.deep.equal([]);
  });

  it('an act that takes too long is told to stop and given up', async () => {
    let told: unknown;
    const act = withTimeLimit('hanging', 1, async (signal) => {
      await once(signal, 'abort');
      told = signal.reason;
      await new Promise(() => undefined);
    });
    const error: unknown = await act.catch((thrown: unknown) => thrown);
    expect(error).to.have.property('name', 'TimeLimitError');
    expect(told).to.have.property('name', 'TimeLimitError');
  });

  it('an act that hands over when it is told to stop is heard', async () => {
    const result = await withTimeLimit('stopping', 1, async (signal) => {
      await once(signal, 'abort');
      return 'what is done';
    });
    expect(result).to.equal('what is done');
  });

  it('a synchronous throw is a rejection', async () => {
    const act = withTimeLimit('throwing', 1000, () => {
      throw new Error('at once');
    });
    expect(await act.catch((thrown: unknown) => thrown)).to.have.property('message', 'at once');
  });

  it('waiting for work never rejects and ends with the time', async () => {
    await waitAtMost(1000, Promise.reject(new Error('work')));
    await waitAtMost(1, new Promise(() => undefined));
  });
});
