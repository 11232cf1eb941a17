import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { journalsOf } from '../journal/journal-of.js';
import { DueIntents, startWorker, type DueReport } from '../journal/worker.js';
import { cleanerOf, type Cleaner } from '../removal/cleaner.js';
import type { CleanupEvent } from '../schema/cleanup-event.js';
import { UsageError, type Arguments, type WorkArguments } from './arguments.js';
import { connectModels, disconnectModels } from './connect.js';
import { loadModels } from './load-models.js';
import type { Screen } from './progress.js';
import { jsonWorkOutput, textWorkOutput, type WorkOutput } from './work-output.js';

interface Terminal {
  readonly stdout: Screen;
  readonly stderr: Screen;
  onInterrupt(listener: () => void): () => void;
}

/** What a running worker needs. */
interface Working {
  readonly cleaners: readonly Cleaner[];
  readonly output: WorkOutput;
  readonly signal: AbortSignal;
}

/** Delivers what is due, once or until it is interrupted. Resolves with the exit code: 0, or 1 if `--once` left intents. */
export async function runWork(given: Arguments, terminal: Terminal): Promise<number> {
  const models = await loadModels(given.files, given.names);
  const cleaners = models.flatMap((model) => cleanerOf(model) ?? []);
  if (journalsOf(cleaners).size === 0)
    throw new UsageError('none of the models has the plugin option "journal": true, so there is no journal');
  const output = outputOf(given, terminal);
  const stopped = new AbortController();
  const stopListening = terminal.onInterrupt(() => {
    terminal.stderr.write('Stopping after the current files; press Ctrl-C again to stop at once.\n');
    stopped.abort();
  });
  const stopHearing = hearOutcomes(output.file);
  try {
    await connectModels(models, given.uri);
    const startedAt = performance.now();
    const working = { cleaners, output, signal: stopped.signal };
    const report = await (given.work.isOnce ? workOnce : workUntilStopped)(given.work, working);
    output.report({ ...report, durationMs: performance.now() - startedAt });
    return given.work.isOnce && report.left > 0 ? 1 : 0;
  } finally {
    await Promise.all(cleaners.map((cleaner) => cleaner.idle()));
    stopHearing();
    stopListening();
    await disconnectModels(models);
  }
}

function outputOf(given: Arguments, { stdout, stderr }: Terminal): WorkOutput {
  const lineTo = (screen: Screen) => (line: string) => screen.write(`${line}\n`);
  if (given.json) return jsonWorkOutput(lineTo(stdout), given.uri);
  return textWorkOutput({ write: lineTo(stdout), say: lineTo(stderr), isQuiet: given.quiet, uri: given.uri });
}

async function workOnce({ concurrency }: WorkArguments, { cleaners, signal }: Working): Promise<DueReport> {
  const options = { ...(concurrency !== undefined && { concurrency }), signal };
  return new DueIntents(() => cleaners).run(options);
}

async function workUntilStopped(
  { every = '10s', concurrency = 4 }: WorkArguments,
  { cleaners, output, signal }: Working,
): Promise<DueReport> {
  const total = { delivered: 0, left: 0 };
  const onLook = (report: DueReport): void => {
    total.delivered += report.delivered;
    // each look leaves the same intents
    total.left = report.left;
    output.look(report);
  };
  const worker = startWorker(() => cleaners, { every, concurrency, onLook, onError: output.error });
  const names = cleaners.map(({ model }) => model.modelName);
  output.started({ models: names, every: String(every) });
  await aborted(signal);
  await worker.stop();
  return total;
}

/** Keeps the process alive, which a worker's own timer does not do. */
function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const staying = setInterval(() => undefined, 60_000);
    const end = (): void => {
      clearInterval(staying);
      resolve();
    };
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

const OUTCOMES = ['removed', 'missing', 'kept', 'failed'];

/** Listens to the events of all copies of this package in the process, since the models may have loaded another copy. */
function hearOutcomes(listener: (event: CleanupEvent) => void): () => void {
  const hear = (message: unknown): void => {
    listener(message as CleanupEvent);
  };
  for (const outcome of OUTCOMES) subscribe(`mongoose-image-cleanup:${outcome}`, hear);
  return () => {
    for (const outcome of OUTCOMES) unsubscribe(`mongoose-image-cleanup:${outcome}`, hear);
  };
}
