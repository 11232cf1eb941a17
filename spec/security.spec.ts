import { expect } from 'chai';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '..');
const LINK = /\[[^\]]+\]\(\s*([^\s)#]+)(?:#([^\s)]*))?(?:\s+'([^']*)')?\s*\)/g;

describe('SECURITY.md', () => {
  const text = readFileSync(path.join(ROOT, 'SECURITY.md'), 'utf8');
  const links = [...text.matchAll(LINK)].map(([, file, anchor, title]) => ({ file: file!, anchor, title }));
  const specs = links.filter(({ file }) => file.startsWith('spec/'));

  it('has links to many specs', () => {
    expect(specs).to.have.length.above(25);
  });

  for (const { file, title } of specs) {
    it(`names a spec that is there: ${file}, ${title ?? ''}`, () => {
      expect(title, 'the title of the spec').to.be.a('string').and.not.to.equal('');
      expect(readFileSync(path.join(ROOT, file), 'utf8')).to.include(title);
    });
  }

  it('links to nothing that is not there', () => {
    const gone = links.filter(({ file }) => !file.startsWith('https:') && !existsSync(path.join(ROOT, file)));
    expect(gone).to.deep.equal([]);
  });

  it('links to headings that are there', () => {
    for (const { file, anchor } of links.filter((link) => link.anchor !== undefined)) {
      const headings = [...readFileSync(path.join(ROOT, file), 'utf8').matchAll(/^#+ (.*)$/gm)];
      expect(
        headings.map(([, heading]) => slugOf(heading!)),
        `${file}#${anchor!}`,
      ).to.include(anchor);
    }
  });

  it('gives fixes to the version of package.json', () => {
    const { version } = JSON.parse(readFileSync(path.join(ROOT, 'package.json'), 'utf8')) as {
      version: string;
    };
    expect(text).to.include(`| ${version.replace(/\.\d+$/, '.x')} `);
  });
});

/** The anchor that GitHub gives a heading. */
function slugOf(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}
