import { expect } from 'chai';
import { crash } from './crashes/crash.js';
import { playEpisode } from './crashes/journal/episode.js';
import { Standby } from './crashes/journal/standby.js';
import { freshDatabase } from './support/database.js';
import { itWith } from './support/versions.js';

/** `npm run crashes -- --count 200` for more, and `--journal --workers 4`. */
const KILLS = 5;

describe('a process that is killed while it replaces and deletes', function () {
  this.timeout(120_000);

  it(`loses no file in use, ${String(KILLS)} times`, async () => {
    const seed = Date.now() & 0xffff;
    const kills = Array.from({ length: KILLS }, (_, index) => crash(freshDatabase(), seed + index));
    const reports = await Promise.all(kills);
    expect(
      reports.flatMap(({ lost }) => lost),
      `seed ${String(seed)}`,
    ).to.deep.equal([]);
  });

  itWith('transactions', 'updates by pipelines')(
    'and workers with it: with a journal nothing is lost, and no orphan stays',
    async () => {
      const seed = Date.now() & 0xffff;
      const standby = new Standby(3);
      try {
        const report = await playEpisode({ uri: freshDatabase(), seed, standby, workers: 2, rounds: 2 });
        const { lost, orphans } = report;
        expect({ lost, orphans }, `seed ${String(seed)}`).to.deep.equal({ lost: [], orphans: [] });
        expect(report.kills).to.be.greaterThan(3);
      } finally {
        await standby.close();
      }
    },
  );
});
