import { parseArgs } from 'node:util';
import { crash } from '../spec/crashes/crash.js';
import { playEpisode, type EpisodeReport } from '../spec/crashes/journal/episode.js';
import { Standby } from '../spec/crashes/journal/standby.js';
import { startMongoDB } from '../spec/support/mongodb/index.js';
import { otherDatabase } from '../spec/support/mongodb/uri.js';

/** Episodes, which wait for timers most of the time. */
const AT_ONCE = 5;

interface Plan {
  readonly uri: string;
  readonly count: number;
  readonly seed: number;
  /** The only step at which writers die. */
  readonly at: string | undefined;
}

/**
 * `npm run crashes -- --count 200 [--seed N]`: kills writers at random instants and looks for lost files. With `--journal
 * [--workers 4]` it kills writers and workers at random instants and at every step, at least `count` times, and looks for
 * lost files and orphans. `--child FILE`: a bundle of spec/crashes/journal/child.ts, which starts in a third of the time. `--at
 * commitTransaction`: writers die at that step alone.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      count: { type: 'string', default: '200' },
      seed: { type: 'string', default: '1' },
      journal: { type: 'boolean', default: false },
      workers: { type: 'string', default: '2' },
      child: { type: 'string' },
      at: { type: 'string' },
    },
  });
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  const plan = { uri: mongodb.uri, count: Number(values.count), seed: Number(values.seed), at: values.at };
  const isWhole = values.journal
    ? await withJournal(plan, Number(values.workers), values.child)
    : await without(plan);
  await mongodb.stop();
  process.exitCode = isWhole ? 0 : 1;
}

async function without({ uri, count, seed: first }: Plan): Promise<boolean> {
  let [next, lost, orphans, changes] = [0, 0, 0, 0];
  const killer = async (): Promise<void> => {
    while (next < count) {
      const seed = first + next++;
      const report = await crash(otherDatabase(uri, seed), seed);
      if (report.lost.length > 0) console.log(`seed ${String(seed)} lost: ${report.lost.join(', ')}`);
      lost += report.lost.length;
      orphans += report.orphans;
      changes += report.changes;
      if (seed % 20 === 0) console.log(`up to seed ${String(seed)}: ${String(lost)} lost`);
    }
  };
  await Promise.all([killer(), killer()]);
  console.log(
    `${String(count)} kills from seed ${String(first)}: ${String(lost)} files in use lost, ${String(orphans)} orphans ` +
      `left for a sweep, after ${String(changes)} files that came or went`,
  );
  return lost === 0;
}

async function withJournal(
  { uri, count, seed: first, at }: Plan,
  workers: number,
  child: string | undefined,
): Promise<boolean> {
  const standby = new Standby(2 + workers, child);
  const reports: EpisodeReport[] = [];
  const sum = (of: (report: EpisodeReport) => number): number =>
    reports.reduce((total, report) => total + of(report), 0);
  const kills = (): number => sum((report) => report.kills);
  let seed = first;
  const player = async (): Promise<void> => {
    while (kills() < count) {
      const own = seed++;
      const report = await playEpisode({
        uri: otherDatabase(uri, own),
        seed: own,
        standby,
        workers,
        ...(at !== undefined && { writersDieAt: at }),
      });
      reports.push(report);
      tellBad(own, report);
      console.log(`seed ${String(own)}: ${String(report.kills)} kills, ${String(kills())} in all`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, player));
  await standby.close();
  printSteps(reports);
  const lost = sum((report) => report.lost.length);
  const orphans = sum((report) => report.orphans.length);
  const atSteps = sum(({ steps }) => [...steps.values()].reduce((all, one) => all + one, 0));
  const cells = [
    workers,
    `${String(first)}–${String(seed - 1)}`,
    kills(),
    atSteps,
    sum((report) => report.openIntents),
    sum((report) => report.leftByKills),
    lost,
    orphans,
  ];
  console.log('| workers | seeds | kills | at a step | open intents | unused then | lost | orphans |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  console.log(`| ${cells.join(' | ')} |`);
  return lost + orphans === 0;
}

function tellBad(seed: number, { lost, orphans }: EpisodeReport): void {
  if (lost.length + orphans.length === 0) return;
  console.log(`seed ${String(seed)}: lost ${lost.join(', ')}; orphans ${orphans.join(', ')}`);
}

function printSteps(reports: readonly EpisodeReport[]): void {
  const all = new Map<string, number>();
  for (const { steps } of reports)
    for (const [step, count] of steps) all.set(step, (all.get(step) ?? 0) + count);
  const sorted = [...all].sort(([, one], [, other]) => other - one);
  console.log(`killed at: ${sorted.map(([step, count]) => `${step} ${String(count)}`).join(', ')}`);
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
