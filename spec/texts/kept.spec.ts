import { expect } from 'chai';
import { closeTestApps, testApp } from '../support/test-app.js';
import { describeOutcome, keepsWhatIsMentioned } from './random/kept.js';
import { countOf, SEED } from '../support/counts.js';

/** How many; `npm run texts -- --count 20000` for more. */
const COUNT = countOf('TEXTS', 100);

describe('generated texts', function () {
  this.timeout(0);
  afterEach(closeTestApps);

  it(`no file is lost that a text still mentions, in ${String(COUNT)} random texts that share files`, async () => {
    const outcome = await keepsWhatIsMentioned(await testApp(), { count: COUNT, seed: SEED });
    console.log(describeOutcome(outcome).replace(/^/gm, '      '));
    expect(outcome.lost, describeOutcome(outcome)).to.deep.equal([]);
    expect(outcome.removed, 'files that went').to.be.greaterThan(0);
  });
});
