import { expect } from 'chai';
import ts from 'typescript';
import { pages } from './examples.js';
import { countWords, linksIn, readPage, visible } from './markdown.js';

/** Mongoose's own options for global plugins. */
const OF_MONGOOSE = ['deduplicate', 'tags'];

describe('README.md', () => {
  const text = readPage('README.md');

  it('has at most 1,200 words, as `wc -w` counts them', () => {
    expect(countWords(text)).to.be.at.most(1200);
  });

  it('says in its first third what does not count as a use, and what does', () => {
    const end = text.indexOf('\n## ', text.indexOf('## What counts as a use') + 1);
    expect(end).to.be.greaterThan(0);
    expect(countWords(text.slice(0, end)) / countWords(text)).to.be.at.most(1 / 3);
  });

  it('has every option of the plugin in one table', () => {
    const [, table = ''] = /^## Options\n([^]*?)^## /m.exec(text) ?? [];
    const listed = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, name]) => name!);
    expect(listed).to.have.members(optionsOfThePlugin().filter((name) => !OF_MONGOOSE.includes(name)));
  });

  it('names the command of the tests that the build machine runs', () => {
    expect(text).to.contain('npm cit');
    expect(readPage('.ci/run')).to.contain('npm cit');
  });
});

describe('docs/README.md', () => {
  const text = readPage('docs/README.md');

  it('lists every page of docs/ exactly once, with a sentence', () => {
    const listed = linksIn(text).filter((target) => /^[\w-]+\.md$/.test(target));
    const wanted = pages()
      .map((page) => page.replace('docs/', ''))
      .filter((page) => page !== 'README.md');
    expect(listed.sort()).to.deep.equal(wanted.sort());
    const entries = [...visible(text).matchAll(/^\d+\. (.*)$/gm)].map(([, entry]) => entry!);
    expect(entries).to.have.length(wanted.length);
    for (const entry of entries) expect(entry).to.match(/^\[[^\]]+\]\([\w-]+\.md\): .+\.$/);
  });
});

/** The names of the interface `ImageCleanupOptions`, as its source has them. */
function optionsOfThePlugin(): string[] {
  const source = ts.createSourceFile('options.ts', readPage('lib/schema/options.ts'), ts.ScriptTarget.ES2022);
  const found = source.statements
    .filter((one) => ts.isInterfaceDeclaration(one))
    .find(({ name }) => name.text === 'ImageCleanupOptions');
  return found!.members.map(({ name }) => (name as ts.Identifier).text);
}
