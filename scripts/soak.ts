import fc from 'fast-check';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { histories } from '../spec/histories/generators.js';
import { play } from '../spec/histories/play.js';
import { Worlds } from '../spec/histories/world.js';
import { startChild } from '../spec/support/child.js';
import { otherDatabase } from '../spec/support/mongodb/uri.js';

/** In a process of its own, so that the figures are those of the library and not of the stand-in. */
async function serveMongoDB(): Promise<{ uri: string; stop(): void }> {
  const server = startChild(path.join(__dirname, '../spec/support/mongodb/serve.ts'), []);
  const lines = createInterface({ input: server.stdout! })[Symbol.asyncIterator]();
  console.log((await lines.next()).value);
  const uri = String((await lines.next()).value);
  return { uri, stop: () => void server.kill('SIGTERM') };
}

/** Histories before the first figures, so that they are not those of a cold start. */
const WARM_UP = 300;

/** `npm run soak -- --minutes 10`: histories without end, and what they leave in memory and open. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { minutes: { type: 'string', default: '10' }, seed: { type: 'string', default: '1' } },
  });
  const mongodb = await serveMongoDB();
  let databases = 0;
  const worlds = new Worlds(() => otherDatabase(mongodb.uri, ++databases));
  let seed = Number(values.seed);
  let played = 0;
  const playSome = async (count: number): Promise<void> => {
    for (const history of fc.sample(histories, { numRuns: count, seed: seed++ })) {
      await play(worlds, history);
      played++;
    }
  };
  await playSome(WARM_UP);
  const minutes = Number(values.minutes);
  const started = performance.now();
  const passed = (): number => (performance.now() - started) / 60_000;
  report('start');
  for (let next = minutes / 5; passed() < minutes;) {
    await playSome(20);
    if (passed() < next) continue;
    report(`${passed().toFixed(1)} min`);
    next += minutes / 5;
  }
  report('end');
  await worlds.close();
  mongodb.stop();

  function report(when: string): void {
    globalThis.gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    const open = new Map<string, number>();
    for (const kind of process.getActiveResourcesInfo()) open.set(kind, (open.get(kind) ?? 0) + 1);
    const handles = [...open].map(([kind, count]) => `${kind} ${String(count)}`).join(', ');
    const megabytes = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(1)} MB`;
    console.log(
      `${when}: ${String(played)} histories, heap ${megabytes(heapUsed)}, rss ${megabytes(rss)}, open: ${handles}`,
    );
  }
}

main().catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
