import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { chartOf } from './chart.js';
import type { Report, Row } from './result.js';

const ROOT = path.join(__dirname, '..');

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

/** `npm run bench:page`: puts the figures of `bench/results.json` into docs/performance.md and draws its charts. */
async function main(): Promise<void> {
  const report = JSON.parse(await readFile(path.join(__dirname, 'results.json'), 'utf8')) as Report;
  const file = path.join(ROOT, 'docs/performance.md');
  const { format } = await import('prettier');
  const page = pageWith(await readFile(file, 'utf8'), report);
  await writeFile(file, await format(page, { parser: 'markdown', printWidth: 140, proseWrap: 'preserve' }));
  for (const [name, svg] of Object.entries(chartsOf(report)))
    await writeFile(path.join(ROOT, 'docs/images', name), svg);
}

if (require.main === module) void main();
