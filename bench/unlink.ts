import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { localProvider } from '../lib/index.js';
import type { Result } from './result.js';
import { inTurn, timed } from './measure.js';
import type { Setting } from './setting.js';

const COUNT = 5000;
const unlinkFile = promisify(fs.unlink);

/** The local provider alone, against `unlink` alone with as many at a time. Rate is the inverse of time. */
export async function unlink({ root, fill }: Setting): Promise<Result[]> {
  const provider = localProvider({ root });
  const { signal } = new AbortController();
  const pair = await inTurn(
    7,
    async () => {
      const names = fill('u', COUNT);
      const assets = names.map((name) => provider.identify(name)!);
      return timed(async () => provider.remove(assets, { signal }));
    },
    async () => {
      const names = fill('u', COUNT);
      let next = 0;
      const work = async (): Promise<void> => {
        for (let name = names[next++]; name !== undefined; name = names[next++]) {
          await unlinkFile(path.join(root, name));
        }
      };
      return timed(() => Promise.all(Array.from({ length: 16 }, work)));
    },
  );
  const goal = '≤ 1.25 (0.8 of the rate)';
  return [{ what: `${String(COUNT)} files removed by the provider`, against: 'fs.unlink', pair, goal }];
}
