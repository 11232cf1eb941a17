import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const ROOT = path.join(__dirname, '../..');

/** A figure of the documentation: its Mermaid source in a page, and the picture that is rendered from it. */
export interface Figure {
  readonly name: string;
  /** The page that has the source, after the comment `<!-- figure: name -->`. */
  readonly page: string;
  readonly source: string;
}

const PAGES: Record<string, string> = {
  write: 'docs/how-it-works.md',
  journal: 'docs/durable.md',
};

const BLOCK = /<!-- figure: (?<name>[\w-]+) -->\s+```mermaid\n(?<source>[^]*?)\n```/g;

/** All figures that have a picture in `docs/images`. */
export function figures(): Figure[] {
  return Object.entries(PAGES).map(([name, page]) => {
    const text = readFileSync(path.join(ROOT, page), 'utf8');
    const found = [...text.matchAll(BLOCK)].find(({ groups }) => groups?.['name'] === name);
    if (found === undefined)
      throw new Error(`${page} has no Mermaid block after the comment <!-- figure: ${name} -->`);
    return { name, page, source: found.groups!['source']! };
  });
}

export function pictureOf({ name }: Figure): string {
  return path.join(ROOT, 'docs/images', `${name}.svg`);
}

/** What a picture keeps of its source, so that a spec sees when one was changed without the other. */
export function fingerprintOf({ source }: Figure): string {
  return createHash('sha256').update(source).digest('hex');
}

/** The fingerprint in a rendered picture. */
export function fingerprintIn(svg: string): string | undefined {
  return /<svg [^>]*data-source-sha256="([0-9a-f]{64})"/.exec(svg)?.[1];
}
