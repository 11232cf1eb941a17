import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chartOf } from './chart.js';
import type { Report, Row } from './result.js';

const ROOT = path.join(__dirname, '..');
const PAGE = path.join(ROOT, 'docs/performance.md');

/** A table of ratios in Markdown. */
export function tableOf(rows: readonly Row[]): string {
  const lines = rows.map(({ what, against, ours, theirs, ratio: [middle, lowest, highest], goal }) => {
    const spread = lowest === highest ? '' : ` (${lowest.toFixed(2)}–${highest.toFixed(2)})`;
    return `| ${[what, against, ours, theirs, `**${middle.toFixed(2)}**${spread}`, goal].join(' | ')} |`;
  });
  const head = '| What | Against | Ours, ms | Theirs, ms | Ratio (lowest–highest) | Goal |';
  return [head, '| --- | --- | --- | --- | --- | --- |', ...lines].join('\n');
}

/** The page with the figures of a run between its marks `<!-- table: NAME -->`, `<!-- machine -->` and `<!-- end -->`. */
export function pageWith(page: string, { tables, machine, date }: Report): string {
  return page.replace(
    /(<!-- (table|machine)(?:: (.+?))? -->\n)[^]*?(<!-- end -->)/g,
    (_, start: string, kind: string, name: string, end: string) => {
      if (kind === 'machine') return `${start}\n${machine}, ${date}.\n\n${end}`;
      const rows = tables[name];
      if (!rows) throw new Error(`docs/performance.md has a table "${name}" that no benchmark makes`);
      return `${start}\n${tableOf(rows)}\n\n${end}`;
    },
  );
}

/** The charts of a run by the names of their files. */
export function chartsOf({ series }: Report): Record<string, string> {
  return Object.fromEntries(series.map((one) => [`performance-${one.name}.svg`, chartOf(one)]));
}

/** The same, formatted as the other pages are. */
export async function formattedPage(page: string, report: Report): Promise<string> {
  // loaded here: the benchmarks themselves do without
  const { format, resolveConfig } = await import('prettier');
  return format(pageWith(page, report), { ...(await resolveConfig(PAGE)), filepath: PAGE });
}

/** `npm run bench:page`: puts the figures of `bench/results.json` into docs/performance.md and draws its charts. */
async function main(): Promise<void> {
  const report = JSON.parse(await readFile(path.join(__dirname, 'results.json'), 'utf8')) as Report;
  await writeFile(PAGE, await formattedPage(await readFile(PAGE, 'utf8'), report));
  for (const [name, svg] of Object.entries(chartsOf(report)))
    await writeFile(path.join(ROOT, 'docs/images', name), svg);
}

if (require.main === module) void main();
