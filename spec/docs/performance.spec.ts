import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { chartsOf, formattedPage } from '../../bench/page.js';
import type { Report } from '../../bench/result.js';
import { ROOT } from './examples.js';
import { readPage } from './markdown.js';

describe('docs/performance.md', () => {
  const report = JSON.parse(readFileSync(path.join(ROOT, 'bench/results.json'), 'utf8')) as Report;

  it('has the figures of the kept run, all of them: npm run bench:page writes them', async () => {
    const page = readPage('docs/performance.md');
    expect(page).to.equal(await formattedPage(page, report));
    for (const name of Object.keys(report.tables)) expect(page).to.include(`<!-- table: ${name} -->`);
  });

  it('shows every chart of the run, as the script draws it', () => {
    const page = readPage('docs/performance.md');
    for (const [name, svg] of Object.entries(chartsOf(report))) {
      expect(page).to.include(`](images/${name})`);
      expect(readFileSync(path.join(ROOT, 'docs/images', name), 'utf8'), name).to.equal(svg);
    }
  });
});
