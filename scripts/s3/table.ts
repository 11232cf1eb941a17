import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { format } from 'prettier';
import { s3At, type Place } from '../../spec/support/s3/index.js';
import { ProbedBucket, type Probe } from './probed-bucket.js';
import { PROBES_OF_DELETES } from './probes-of-deletes.js';
import { PROBES_OF_KEYS } from './probes-of-keys.js';

const DOCUMENT = path.resolve(__dirname, '../../docs/s3-servers.md');
const [BEGIN, END] = [
  '<!-- measured by: npm run s3:compare -- --write -->',
  '<!-- end of what was measured -->',
];
const PROBES: readonly Probe[] = [...PROBES_OF_DELETES, ...PROBES_OF_KEYS];

/** What a server did, in the order of the probes. */
export interface Column {
  readonly name: string;
  readonly cells: readonly string[];
}

/** Looks at a server, each time in a new bucket. */
export async function measure(name: string, place: Place): Promise<Column> {
  const s3 = s3At(place);
  const cells: string[] = [];
  for (const probe of PROBES) {
    const bucket = new ProbedBucket(s3, await s3.bucket());
    cells.push(await probe.measure(bucket).catch((error: unknown) => `? ${String(error)}`));
  }
  await s3
    .stop()
    .catch((error: unknown) => console.log(`${name}: the buckets could not be removed: ${String(error)}`));
  return { name, cells };
}

/** The table in Markdown: a row for each probe, a column for each server. */
export function tableOf(columns: readonly Column[]): Promise<string> {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const rows = PROBES.map(({ what }, row) => line([what, ...columns.map(({ cells }) => cells[row]!)]));
  const head = ['What', ...columns.map(({ name }) => name)];
  return format([line(head), line(head.map(() => '---')), ...rows].join('\n'), { parser: 'markdown' });
}

/** Puts the table where the document has the last one. */
export async function writeTable(table: string): Promise<void> {
  const text = await readFile(DOCUMENT, 'utf8');
  const [begin, end] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (begin === -1 || end < begin)
    throw new Error(`${DOCUMENT} has no place for the table: "${BEGIN}" … "${END}"`);
  await writeFile(DOCUMENT, `${text.slice(0, begin + BEGIN.length)}\n\n${table}\n${text.slice(end)}`);
}
