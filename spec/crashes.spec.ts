import { expect } from 'chai';
import { crash, type CrashReport } from './crashes/crash.js';
import { playEpisode } from './crashes/journal/episode.js';
import { Standby } from './crashes/journal/standby.js';
import { freshDatabase } from './support/database.js';
import { countOf, SEED } from './support/counts.js';
import { itWith } from './support/versions.js';

/** `npm run crashes -- --count 200` for many more, and `--journal --workers 4`. */
const KILLS = countOf('KILLS', 5);
/** Processes that are killed at the same time. */
const AT_ONCE = 5;
const ROUNDS = countOf('KILL_ROUNDS', 2);

describe('a process that is killed while it replaces and deletes', function () {
  this.timeout(600_000);

  it(`loses no file in use, ${String(KILLS)} times`, async () => {
    const reports: CrashReport[] = [];
    while (reports.length < KILLS) {
      const seeds = Array.from({ length: AT_ONCE }, (_, index) => SEED + reports.length + index);
      reports.push(...(await Promise.all(seeds.map((seed) => crash(freshDatabase(), seed)))));
    }
    expect(
      reports.flatMap(({ lost }) => lost),
      `SPEC_SEED=${String(SEED)}`,
    ).to.deep.equal([]);
  });

  itWith('transactions', 'updates by pipelines')(
    'and workers with it: with a journal nothing is lost, and no orphan stays',
    async () => {
      const standby = new Standby(3);
      try {
        const report = await playEpisode({
          uri: freshDatabase(),
          seed: SEED % 0xffff,
          standby,
          workers: 2,
          rounds: ROUNDS,
        });
        const { lost, orphans } = report;
        expect({ lost, orphans }, `SPEC_SEED=${String(SEED)}`).to.deep.equal({ lost: [], orphans: [] });
        expect(report.kills).to.be.greaterThan(3);
      } finally {
        await standby.close();
      }
    },
  );
});
