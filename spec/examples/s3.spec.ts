import { expect } from 'chai';
import { outputOf, startChild } from '../support/child.js';

describe('the example of S3', () => {
  it('removes what no album uses any more, and ends by itself', async function () {
    this.timeout(60_000);
    const output = await outputOf(startChild('examples/s3/s3.ts', []));
    const steps = output.replace(/[0-9a-f]{8} (?=[A-Za-z])/g, '').split('\n');
    expect(steps.filter((line) => line.includes('the bucket:')).map((line) => line.trim())).to.deep.equal([
      'the bucket: Paris (1).gif',
      'the bucket: Paris (1).gif',
      'the bucket: Rome.gif',
      'the bucket: Rome.gif',
      'the bucket: Rome.gif',
      'the bucket: nothing',
    ]);
    const outcomes = steps.flatMap((line) => /^ {4}(removed|kept|missing|failed)/.exec(line)?.[1] ?? []);
    expect(outcomes).to.deep.equal(['removed', 'removed', 'kept', 'removed']);
  });
});
