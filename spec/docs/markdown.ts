import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './examples.js';

const GENERATED = new Set(['node_modules', '.git', 'dist', 'api', 'coverage']);

/** The paths, from the root of the repository, of all files below `folder` whose names end in `ending`. */
export function filesBelow(folder: string, ending: string): string[] {
  const entries = readdirSync(path.join(ROOT, folder), { withFileTypes: true });
  return entries
    .filter(({ name }) => !GENERATED.has(name))
    .flatMap((entry) => {
      const file = path.posix.join(folder, entry.name);
      if (entry.isDirectory()) return filesBelow(file, ending);
      return entry.name.endsWith(ending) ? [file] : [];
    });
}

export function readPage(page: string): string {
  return readFileSync(path.join(ROOT, page), 'utf8');
}

/** What a reader sees: without HTML comments. */
export function visible(text: string): string {
  return text.replace(/<!--[^]*?-->/g, '');
}

/** Prose and tables only: neither comments nor code blocks nor code in a line. */
function prose(text: string): string {
  return withoutBlocks(text).replace(/`[^`\n]*`/g, '');
}

function withoutBlocks(text: string): string {
  return visible(text).replace(/^ *(`{3,})[^]*?^ *\1 *$/gm, '');
}

/** The targets of all links and pictures of a page. A link to an undefined reference is `[name]`. */
export function linksIn(text: string): string[] {
  const plain = prose(text);
  const inline = [...plain.matchAll(/\]\(\s*<?([^)\s>]+)/g)].map(([, target]) => target!);
  const inHtml = [...plain.matchAll(/\b(?:href|src|srcset)="([^"\s]+)/g)].map(([, target]) => target!);
  const definitions = [...plain.matchAll(/^ *\[([^\]]+)\]: *(\S+)/gm)];
  const defined = new Set(definitions.map(([, name]) => name!.toLowerCase()));
  const references = [...plain.matchAll(/\]\[([^\]]+)\]/g)].map(([, name]) => name!);
  return [
    ...inline,
    ...inHtml,
    ...definitions.map(([, , target]) => target!),
    ...references.filter((name) => !defined.has(name.toLowerCase())).map((name) => `[${name}]`),
  ];
}

/** The anchors of a page, as GitHub makes them from its headings. */
export function anchorsIn(text: string): Set<string> {
  const anchors = new Set<string>();
  for (const [, heading] of withoutBlocks(text).matchAll(/^#{1,6} +(.*?) *#* *$/gm)) {
    const slug = heading!
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
      .replaceAll(' ', '-');
    let anchor = slug;
    for (let count = 1; anchors.has(anchor); count++) anchor = `${slug}-${String(count)}`;
    anchors.add(anchor);
  }
  for (const [, id] of visible(text).matchAll(/<a (?:id|name)="([^"]+)"/g)) anchors.add(id!);
  return anchors;
}

/** What is wrong with the target of a link on a page; `undefined`: nothing. Addresses of other hosts are not looked at. */
export function faultOf(target: string, page: string, text = readPage(page)): string | undefined {
  if (/^[a-z][a-z+.-]*:/i.test(target)) return undefined;
  if (target.startsWith('[')) return `${page}: the reference ${target} is not defined`;
  const [file = '', anchor] = target.split('#', 2) as [string, string?];
  const wanted = file === '' ? page : path.posix.join(path.posix.dirname(page), decodeURI(file));
  if (wanted.startsWith('..') || !existsAsWritten(wanted)) return `${page}: there is no file ${target}`;
  if (anchor === undefined || !wanted.endsWith('.md')) return undefined;
  const anchors = anchorsIn(file === '' ? text : readPage(wanted));
  return anchors.has(anchor) ? undefined : `${page}: there is no heading for ${target}`;
}

/** Also on a file system that knows no difference between upper and lower case. */
function existsAsWritten(file: string): boolean {
  const whole = path.join(ROOT, file);
  if (!existsSync(whole)) return false;
  const { base, dir } = path.parse(path.normalize(whole).replace(/[\\/]$/, ''));
  return !statSync(dir).isDirectory() || readdirSync(dir).includes(base);
}

/** As `wc -w` counts them: comments, code and the lines of tables count as well. */
export function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
