import { expect } from 'chai';
import { checkHistories, describeVerdict } from './histories/check.js';
import { Worlds } from './histories/world.js';
import { freshDatabase } from './support/database.js';
import { countOf, SEED } from './support/counts.js';
import { itWith } from './support/versions.js';

/** How many; the run of `.ci/run` has ten times as many, `npm run histories` any number. */
const COUNT = countOf('HISTORIES', 200);
const WITH_JOURNAL = Math.max(20, Math.ceil(COUNT / 10));

describe('histories', () => {
  let worlds: Worlds;
  before(() => {
    worlds = new Worlds(freshDatabase);
  });
  after(() => worlds.close());

  it(`keeps every file in use and removes every file dropped, in ${String(COUNT)} random histories`, async function () {
    this.timeout(0);
    const verdict = await checkHistories(worlds, { count: COUNT, seed: SEED });
    console.log(`      seed ${String(verdict.seed)}`);
    expect(verdict.failure, describeVerdict(verdict)).to.equal(undefined);
  });

  itWith('updates by pipelines')(
    `the same with a journal, in ${String(WITH_JOURNAL)} others`,
    async function () {
      this.timeout(0);
      const verdict = await checkHistories(worlds, { count: WITH_JOURNAL, seed: SEED, hasJournal: true });
      console.log(`      seed ${String(verdict.seed)}`);
      expect(verdict.failure, describeVerdict(verdict)).to.equal(undefined);
    },
  );
});
