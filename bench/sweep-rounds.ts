import { fork } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Result } from './result.js';
import type { Swept } from './sweep.js';

const FILES = 1_000_000;
const ROUNDS = 1;

/** A sweep of a million files, against what no sweep can do without; each round in a process of its own. */
export async function sweeps(): Promise<Result[]> {
  const rounds: Swept[] = [];
  for (let round = 0; round < ROUNDS; round++) rounds.push(await sweepOnce());
  const peak = Math.max(...rounds.map((one) => one.peak));
  const pair = {
    ours: rounds.map(({ sweep }) => sweep),
    theirs: rounds.map(({ find, scan }) => find + scan),
  };
  const count = FILES.toLocaleString('en');
  return [
    {
      what: `a sweep of ${count} files against ${count} documents`,
      against: '`find` and one scan of the index',
      pair,
      goal: '≤ 1.5 and 200 MB',
      note: `peak memory ${String(peak)} MB`,
    },
  ];
}

async function sweepOnce(): Promise<Swept> {
  const child = fork(path.join(__dirname, 'sweep.ts'), ['--files', String(FILES)], {
    execArgv: ['-r', 'ts-node/register'],
    silent: true,
  });
  const [swept] = (await once(child, 'message')) as [Swept];
  if (child.exitCode === null) await once(child, 'exit');
  return swept;
}
