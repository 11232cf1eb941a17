import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const ROOT = path.resolve(__dirname, '../..');

/** One `ts` or `js` block of a page. */
export interface Example {
  /** A file name for it, without an extension. */
  readonly name: string;
  /** `README.md:24 Example`. */
  readonly title: string;
  readonly language: 'ts' | 'js';
  readonly code: string;
  /** The file in `preludes/` whose exports the block may use, by `<!-- prelude: name -->` before it. */
  readonly prelude: string | undefined;
  /** Code that runs after the block and checks what it did, by `<!-- then: code -->` after it. */
  readonly then: string;
}

/** README.md and every page of docs/. */
export function pages(): string[] {
  const docs = readdirSync(path.join(ROOT, 'docs')).filter((name) => name.endsWith('.md'));
  return ['README.md', ...docs.sort().map((name) => `docs/${name}`)];
}

const BLOCK =
  /(?:<!-- prelude: (?<prelude>[\w-]+) -->\s+)?^ *```(?<language>ts|js)\n(?<code>[^]*?)^ *```$(?:\s+<!-- then:\s(?<then>[^]*?)-->)?/gm;

/** The blocks of a page as they stand there; what the comments around them say is not in the rendered page. */
export function examplesIn(page: string): Example[] {
  const text = readFileSync(path.join(ROOT, page), 'utf8');
  const found = [...text.matchAll(BLOCK)];
  for (const kind of ['prelude', 'then']) {
    const used = found.filter(({ groups }) => groups?.[kind] !== undefined).length;
    const written = text.split(`<!-- ${kind}:`).length - 1;
    if (used !== written) throw new Error(`${page}: a "${kind}" comment stands beside no block`);
  }
  return found.map((match, index) => {
    const { prelude, language, code, then = '' } = match.groups as Record<string, string | undefined>;
    const before = text.slice(0, match.index);
    const heading = [...before.matchAll(/^#+ (.*)$/gm)].at(-1)?.[1] ?? '';
    return {
      name: `${page.replace(/\W+/g, '-')}-${String(index + 1)}`,
      title: `${page}:${String(before.split('\n').length)} ${heading}`,
      language: language as 'ts' | 'js',
      code: code!,
      prelude,
      then,
    };
  });
}
