import { expect } from 'chai';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.resolve(__dirname, '../..');
const EXAMPLES = 'examples/frameworks';

/** A block of a page that stands in a file of an example, too, by `<!-- from: file region -->` before it. */
const SNIPPET = /<!-- from: (?<file>\S+) (?<region>[\w-]+) -->\s+```typescript\n(?<code>[^]*?)^```$/gm;
const REGION = /^ *\/\/ docs: (?<name>[\w-]+)\n(?<code>[^]*?)^ *\/\/ docs: end$/gm;

/** The marked parts of an example's file, without the indentation that their first line has. */
function regionsOf(file: string): Map<string, string> {
  const text = readFileSync(path.join(ROOT, EXAMPLES, file), 'utf8');
  const regions = [...text.matchAll(REGION)].map(({ groups }) => {
    const { name, code } = groups as { name: string; code: string };
    const [indentation = ''] = /^ */.exec(code) ?? [];
    return [name, code.replaceAll(new RegExp(`^${indentation}`, 'gm'), '')] as const;
  });
  return new Map(regions);
}

function snippetsOf(page: string): { file: string; region: string; code: string }[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  return [...text.matchAll(SNIPPET)].map(
    ({ groups }) => groups as { file: string; region: string; code: string },
  );
}

/** `npm run frameworks` runs the examples; here is seen to it that the page shows what runs. */
describe('docs/frameworks.md', () => {
  const snippets = snippetsOf('docs/frameworks.md');

  for (const { file, region, code } of snippets) {
    it(`shows "${region}" of ${file} as it runs`, () => {
      expect(code).to.equal(regionsOf(file).get(region));
    });
  }

  it('shows each marked part of the examples', () => {
    const files = readdirSync(path.join(ROOT, EXAMPLES), { recursive: true, encoding: 'utf8' });
    const marked = files
      .filter((file) => file.endsWith('.ts') && !/(?:^|[\\/])(?:dist|node_modules)[\\/]/.test(file))
      .map((file) => file.replaceAll('\\', '/'))
      .flatMap((file) => [...regionsOf(file).keys()].map((region) => `${file} ${region}`));
    expect(snippets.map(({ file, region }) => `${file} ${region}`)).to.have.members(marked);
  });

  it('has no code beside it: spec/docs.spec.ts does not run blocks of this kind', () => {
    const pages = readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
    for (const page of ['README.md', ...pages.map((name) => `docs/${name}`)]) {
      const blocks = readFileSync(path.join(ROOT, page), 'utf8').split('```typescript\n').length - 1;
      expect(blocks, page).to.equal(snippetsOf(page).length);
    }
  });
});
