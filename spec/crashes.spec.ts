import { expect } from 'chai';
import { crash } from './crashes/crash.js';
import { freshDatabase } from './support/database.js';

/** `npm run crashes -- --count 200` for more. */
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
});
