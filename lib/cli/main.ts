import fs from 'node:fs';
import path from 'node:path';
import { sweep, type SweepReport } from '../sweep/index.js';
import { readArguments, UsageError, type Arguments } from './arguments.js';
import { runDoctor } from './doctor.js';
import { connectModels, disconnectModels } from './connect.js';
import { HELP } from './help.js';
import { loadModels } from './load-models.js';
import { jsonOutput, textOutput, type Output } from './output.js';
import { ProgressDisplay, type Screen } from './progress.js';
import { runJournal } from './journal.js';
import { withoutUri } from './shown.js';
import { runWork } from './work.js';

export interface Terminal {
  readonly stdout: Screen;
  readonly stderr: Screen;
  /** Calls the listener at each Ctrl-C. The returned function removes it. */
  onInterrupt(listener: () => void): () => void;
}

/** Errors about options begin with the name of the function that has them. */
const OF_OPTIONS = /^(?:sweep|work|runDue|journal(?:\.\w+)?): /;

/** Runs one command. Resolves with its exit code. */
export async function main(argv: readonly string[], terminal: Terminal): Promise<number> {
  const say = (line: string): unknown => terminal.stderr.write(`${line}\n`);
  let uri: string | undefined;
  try {
    const given = readArguments(argv);
    uri = given.uri;
    if (given.command === 'sweep') return await runSweep(given, terminal);
    if (given.command === 'doctor') return await runDoctor(given, terminal);
    if (given.command === 'work') return await runWork(given, terminal);
    if (given.command === 'journal') return await runJournal(given, terminal);
    terminal.stdout.write(given.command === 'help' ? HELP : `${ownVersion()}\n`);
    return 0;
  } catch (thrown) {
    const error = thrown as Error;
    const isUsage =
      error instanceof UsageError || (error instanceof TypeError && OF_OPTIONS.test(error.message));
    say(`mongoose-image-cleanup: ${withoutUri(error.message, uri)}`);
    if (isUsage) say('Try: mongoose-image-cleanup --help');
    return isUsage ? 2 : 3;
  }
}

async function runSweep(given: Arguments, terminal: Terminal): Promise<number> {
  const models = await loadModels(given.files, given.names);
  const controller = new AbortController();
  const display = new ProgressDisplay(terminal.stderr);
  const stopListening = terminal.onInterrupt(() => {
    display.clear();
    terminal.stderr.write('Stopping after the current files; press Ctrl-C again to stop at once.\n');
    controller.abort(new Error('stopped'));
  });
  const showsProgress = !given.quiet && !given.json;
  try {
    await connectModels(models, given.uri);
    const output = outputOf(given, terminal, display);
    const report = await sweep({
      ...given.sweep,
      models,
      signal: controller.signal,
      onProgress: (progress) => {
        if (showsProgress) display.show(progress);
      },
      onCollection: output.collection,
      onFile: output.file,
      onUnclear: output.unclear,
      onMissing: output.missing,
    });
    output.report(report);
    return exitCodeOf(report);
  } finally {
    display.clear();
    stopListening();
    await disconnectModels(models);
  }
}

function outputOf(given: Arguments, { stdout, stderr }: Terminal, display: ProgressDisplay): Output {
  const lineTo = (screen: Screen) => (line: string) => {
    display.clear();
    screen.write(`${line}\n`);
  };
  if (given.json) return jsonOutput(lineTo(stdout));
  return textOutput(lineTo(stdout), lineTo(stderr), { isQuiet: given.quiet });
}

function exitCodeOf({ status, counts }: SweepReport): number {
  if (status === 'refused' || status === 'stopped' || status === 'incomplete') return 3;
  return status === 'orphans' || counts.missing > 0 ? 1 : 0;
}

/** Reads the version from the package.json above this file, wherever the build has put it. */
function ownVersion(): string {
  for (let folder = __dirname; folder !== path.dirname(folder); folder = path.dirname(folder)) {
    try {
      const file = fs.readFileSync(path.join(folder, 'package.json'), 'utf8');
      const { name, version } = JSON.parse(file) as { name?: string; version?: string };
      if (name === 'mongoose-image-cleanup') return version ?? '';
    } catch {
      // look in the next folder
    }
  }
  return 'unknown';
}
