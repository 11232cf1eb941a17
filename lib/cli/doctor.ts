import { doctor, type DoctorReport, type ExaminedModel, type Finding } from '../doctor/index.js';
import { UsageError, type Arguments } from './arguments.js';
import { connectModels, disconnectModels } from './connect.js';
import { loadModels } from './load-models.js';
import { count, counted, duration, oneLine } from './numbers.js';
import type { Screen } from './progress.js';
import { withoutUri } from './shown.js';

interface Terminal {
  readonly stdout: Screen;
  readonly stderr: Screen;
  onInterrupt(listener: () => void): () => void;
}

/** Runs the doctor. Resolves with the exit code: 0 no findings, 1 findings, 2 the doctor could not run. */
export async function runDoctor(given: Arguments, terminal: Terminal): Promise<number> {
  try {
    const report = await examined(given, terminal);
    const write = (line: string): unknown => terminal.stdout.write(`${line}\n`);
    if (given.json) for (const line of jsonOf(report)) write(line);
    else for (const line of textOf(report, given.quiet)) write(line);
    return report.findings.length === 0 ? 0 : 1;
  } catch (thrown) {
    const error = thrown as Error;
    terminal.stderr.write(`mongoose-image-cleanup: ${withoutUri(error.message, given.uri)}\n`);
    if (error instanceof UsageError) terminal.stderr.write('Try: mongoose-image-cleanup --help\n');
    return 2;
  }
}

async function examined(given: Arguments, terminal: Terminal): Promise<DoctorReport> {
  const models = await loadModels(given.files, given.names);
  const controller = new AbortController();
  const stopListening = terminal.onInterrupt(() => {
    controller.abort(new Error('stopped'));
  });
  try {
    await connectModels(models, given.uri, { monitorCommands: true });
    return await doctor({
      ...given.doctor,
      models,
      signal: controller.signal,
      onProgress: (step) => {
        if (!given.json && !given.quiet) terminal.stderr.write(`Looking at ${oneLine(step)}\n`);
      },
    });
  } finally {
    stopListening();
    await disconnectModels(models);
  }
}

/** One JSON object per line, each with a `type`: `model`, `storage`, `finding`, and at the end `report`. */
function jsonOf({ models, storages, findings, ...report }: DoctorReport): string[] {
  const told = (type: string, content: object): string => JSON.stringify({ type, ...content });
  return [
    ...models.map((one) => told('model', one)),
    ...storages.map((one) => told('storage', one)),
    ...findings.map((one) => told('finding', one)),
    told('report', { ...report, findings: findings.length }),
  ];
}

function textOf(report: DoctorReport, isQuiet: boolean): string[] {
  const { models, storages, findings, notes, durationMs } = report;
  const facts = [
    ...models.flatMap(linesOfModel),
    ...storages.map(
      ({ storage, files, isPartial, problem }) =>
        `${oneLine(storage)}: ${problem ?? `${files === null ? 'not listed' : counted(files, 'file')}${isPartial ? ' and more' : ''}`}`,
    ),
  ];
  const end =
    findings.length === 0
      ? `No findings (${duration(durationMs)}).`
      : `${counted(findings.length, 'finding')} (${duration(durationMs)}).`;
  return [
    ...(isQuiet ? [] : [...facts, '']),
    ...findings.flatMap(linesOfFinding),
    ...notes.map((note) => `Note: ${oneLine(note)}`),
    ...(notes.length > 0 ? [''] : []),
    end,
  ];
}

const LABELS = {
  owned: 'known and stored',
  missing: 'known, not stored',
  protected: 'named by a keep rule',
  notOurs: 'not ours',
  unsafe: 'unsafe',
  notCanonical: 'not canonical',
  ambiguous: 'ambiguous',
  unanswered: 'not answered',
} as const;

function linesOfModel({ model, database, collection, documents, fields, cost }: ExaminedModel): string[] {
  const size = documents === null ? 'size unknown' : counted(documents, 'document');
  const price =
    cost === null
      ? ''
      : `; a removal costs ${cost.commands === null ? '' : `${counted(cost.commands, 'command')}, `}${count(cost.ms)} ms`;
  return [
    `${model} (${database}.${collection}): ${size}${price}`,
    ...fields.map(({ field, providers, sampled, counts }) => {
      const kinds = (Object.keys(LABELS) as (keyof typeof LABELS)[])
        .filter((name) => counts[name] > 0)
        .map((name) => `${count(counts[name])} ${LABELS[name]}`);
      const told = kinds.length > 0 ? `: ${kinds.join(', ')}` : '';
      return `  ${field} [${providers.join(', ')}], ${counted(sampled, 'value')}${told}`;
    }),
  ];
}

function linesOfFinding({ kind, about, message, advice, examples = [] }: Finding): string[] {
  return [
    `${kind}  ${oneLine(about)}`,
    `  ${oneLine(message)}`,
    ...(examples.length > 0 ? [`  such as: ${examples.map(oneLine).join(' | ')}`] : []),
    `  -> ${oneLine(advice)}`,
    '',
  ];
}
