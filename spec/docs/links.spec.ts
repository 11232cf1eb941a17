import { expect } from 'chai';
import { anchorsIn, faultOf, filesBelow, linksIn, readPage } from './markdown.js';

const PAGES = filesBelow('.', '.md');

/** A page as code names it, from the root of the repository. */
const NAMED =
  /(?<![\w./-])(?:(?:[\w-]+\/)*(?:README|SECURITY|CONTRIBUTING|CHANGELOG)|docs\/[\w-]+)\.md(?:#[\w-]+)?/g;

describe('links in the documentation', () => {
  for (const page of PAGES) {
    it(`${page}: every file and every heading that it links to is there`, () => {
      const faults = linksIn(readPage(page)).map((target) => faultOf(target, page));
      expect(faults.filter((fault) => fault !== undefined)).to.deep.equal([]);
    });
  }

  it('pages and headings that code, log lines and comments name are there', () => {
    const files = ['lib', 'examples', 'scripts', 'bench', 'spec', 'stand-in'].flatMap((folder) =>
      ['.ts', '.mjs', '.js', '.html'].flatMap((ending) => filesBelow(folder, ending)),
    );
    const faults = files.flatMap((file) =>
      [...readPage(file).matchAll(NAMED)].map(([target]) => {
        const fault = faultOf(target, 'README.md');
        return fault && `${file}: ${fault}`;
      }),
    );
    expect(faults.filter((fault) => fault !== undefined)).to.deep.equal([]);
  });

  it('every command "npm run …" that a page names is a script of package.json', () => {
    const { scripts } = JSON.parse(readPage('package.json')) as { scripts: Record<string, string> };
    const faults = PAGES.filter((page) => !page.startsWith('stand-in/')).flatMap((page) =>
      [...readPage(page).matchAll(/\bnpm run ([\w:-]+)/g)]
        .filter(([, name]) => !(name! in scripts))
        .map(([command]) => `${page}: ${command}`),
    );
    expect(faults).to.deep.equal([]);
  });
});

describe('the check of links', () => {
  const page = 'docs/README.md';
  const faultsIn = (text: string) => linksIn(text).map((target) => faultOf(target, page, text));

  it('tells of a file that is not there, also by its case', () => {
    expect(faultsIn('[a](nowhere.md) ![b](images/none.png) [c](Sweep.md) [d](../../x.md)')).to.deep.equal([
      'docs/README.md: there is no file nowhere.md',
      'docs/README.md: there is no file images/none.png',
      'docs/README.md: there is no file Sweep.md',
      'docs/README.md: there is no file ../../x.md',
    ]);
  });

  it('tells of a heading that is not there, on this page and on another', () => {
    expect(
      faultsIn('# One\n\n[a](#two) [b](#one) [c](operations.md#nothing) [d](operations.md#inserts)'),
    ).to.deep.equal([
      'docs/README.md: there is no heading for #two',
      undefined,
      'docs/README.md: there is no heading for operations.md#nothing',
      undefined,
    ]);
  });

  it('tells of a reference that is not defined, and of a defined one that leads nowhere', () => {
    expect(faultsIn('[a][one] [b][two]\n\n[two]: nowhere.md')).to.have.members([
      'docs/README.md: the reference [one] is not defined',
      'docs/README.md: there is no file nowhere.md',
    ]);
  });

  it('reads pictures in HTML, and leaves code, comments and other hosts alone', () => {
    expect(linksIn('<img src="a.png"> <source srcset="b.svg 2x">')).to.deep.equal(['a.png', 'b.svg']);
    expect(linksIn('`[a](b.md)` <!-- [a](b.md) -->\n\n```ts\nfields[0](b)\n```\n')).to.deep.equal([]);
    expect(faultsIn('[a](https://example.com/#x)')).to.deep.equal([undefined]);
  });

  it('makes the anchors that GitHub makes', () => {
    const text =
      '# `cleanupFor(a | b)`: what?\n\n## One\n\n## One\n\n## See [x](y.md), ä\n\n```sh\n# none\n```\n';
    expect([...anchorsIn(text)]).to.deep.equal(['cleanupfora--b-what', 'one', 'one-1', 'see-x-ä']);
  });
});
