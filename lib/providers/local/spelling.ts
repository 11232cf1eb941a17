import nodePath from 'node:path';
import type { KeptReason } from '../provider.js';

/** The rules of one folder: which strings name a file in it, and which strings a file can be named by. */
export interface Folder {
  /** Absolute. */
  readonly root: string;
  /** Path part of the public URL, without a trailing slash: `/uploads`; `''` when files are served from `/`. */
  readonly basePath: string;
  /** Hosts that serve the folder: `example.com`, `localhost:3000`. */
  readonly hosts: readonly string[];
  /** The folder as seen from the working directory (`uploads`), as multer's `file.path` begins; `null` when not below it. */
  readonly fromHere: string | null;
  readonly isWindows: boolean;
}

/** A relative path below the root with `/`, or why there is none. `null`: the value does not look like ours at all. */
export type Spelling = { relative: string } | { refusal: KeptReason } | null;

const LONGEST = 4096;
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u001f\u007f]/;
const SCHEME = /^[a-z][a-z0-9+.-]+:/i;
const DRIVE = /^[a-z]:/i;
const WINDOWS_DEVICE = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** Encodes to itself, so what is left of it below a root is one of the forms; saves making them all for most values. */
const PLAIN = /^[\w.~/-]+$/;

const unsafe = { refusal: 'unsafe' } as const;
const notCanonical = { refusal: 'not canonical' } as const;

/** Reads a stored value. Accepts only what `spellingsOf` gives back, so that the "still used?" question can ask for it. */
export function readSpelling(value: unknown, folder: Folder): Spelling {
  if (typeof value !== 'string' || value === '') return null;
  if (value.length > LONGEST || CONTROL.test(value)) return unsafe;
  const parsed = relativeOf(value, folder);
  if (parsed === null || 'refusal' in parsed) return parsed;
  const { relative, isUrl } = parsed;
  const refusal = refusalOf(relative, folder);
  if (refusal) return refusal;
  if (PLAIN.test(value) && !folder.isWindows) return { relative };
  const exact = isUrl ? value.replace(/[?#].*$/s, '') : value;
  return formsOf(relative, folder).has(exact) ? { relative } : notCanonical;
}

/** Every whole string that names the file, and every beginning (`/uploads/a.png?`) that only its values have. */
export function spellingsOf(relative: string, folder: Folder): { equal: string[]; prefixes: string[] } {
  const forms = [...formsOf(relative, folder)].map((form) => [form, relativeOf(form, folder)] as const);
  const own = forms.filter(([, read]) => read && 'relative' in read && read.relative === relative);
  const urls = own.flatMap(([form, read]) => (read && 'isUrl' in read && read.isUrl ? [form] : []));
  return { equal: own.map(([form]) => form), prefixes: urls.flatMap((url) => [`${url}?`, `${url}#`]) };
}

type Parsed = { relative: string; isUrl: boolean } | { refusal: KeptReason } | null;

function relativeOf(value: string, folder: Folder): Parsed {
  if (SCHEME.test(value) && !DRIVE.test(value)) {
    const url = /^https?:\/\/([^/?#\\]+)(\/[^]*)?$/i.exec(value);
    if (!url || !folder.hosts.includes(url[1]!.toLowerCase())) return null;
    return belowBase(url[2] ?? '', folder) ?? notCanonical;
  }
  if (/^[/\\]{2}/.test(value)) return null;
  const root = folder.isWindows ? folder.root.replaceAll('\\', '/') : folder.root;
  const slashed = value.replaceAll('\\', '/');
  if (slashed.startsWith(`${root}/`)) return { relative: slashed.slice(root.length + 1), isUrl: false };
  const url = belowBase(value, folder);
  if (url) return url;
  if (slashed.startsWith('/') || DRIVE.test(slashed)) return unsafe;
  const plain = slashed.replace(/^\.\//, '');
  if (folder.fromHere !== null && plain.startsWith(`${folder.fromHere}/`)) {
    return { relative: plain.slice(folder.fromHere.length + 1), isUrl: false };
  }
  return { relative: plain, isUrl: false };
}

/** A URL path is decoded once, as a file server does; a malformed `%` stands for itself. */
function belowBase(path: string, folder: Folder): Parsed {
  const start = `${folder.basePath}/`;
  if (!path.startsWith(start)) return null;
  const raw = path.slice(start.length).replace(/[?#].*$/s, '');
  return { relative: decodeOnce(raw), isUrl: true };
}

function decodeOnce(raw: string): string {
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

function refusalOf(relative: string, folder: Folder): { refusal: KeptReason } | null {
  if (relative === '' || CONTROL.test(relative)) return unsafe;
  const segments = relative.split('/');
  if (segments.includes('..') || relative === '.') return unsafe;
  if (relative.includes('\\')) return notCanonical;
  if (segments.includes('') || segments.includes('.')) return notCanonical;
  if (folder.isWindows && segments.some(isWindowsTrap)) return unsafe;
  return null;
}

/** Names that Windows reads as another file: streams (`a:b`), trailing dots and spaces, devices. */
function isWindowsTrap(segment: string): boolean {
  return segment.includes(':') || /[. ]$/.test(segment) || WINDOWS_DEVICE.test(segment);
}

function formsOf(relative: string, folder: Folder): Set<string> {
  const encoded = [relative, encodeURI(safely(relative)), encodeSegments(relative)];
  const forms = new Set<string>();
  const beginnings = [
    '',
    './',
    ...(folder.fromHere === null ? [] : [`${folder.fromHere}/`, `./${folder.fromHere}/`]),
  ];
  for (const beginning of beginnings) addBothSlashes(forms, beginning + relative);
  forms.add(nodePath.posix.join(folder.root.replaceAll('\\', '/'), relative));
  if (folder.isWindows) forms.add(`${folder.root}\\${relative.replaceAll('/', '\\')}`);
  else forms.add(`${folder.root}/${relative}`);
  for (const name of encoded) {
    const path = `${folder.basePath}/${name}`;
    forms.add(path);
    for (const host of folder.hosts) forms.add(`http://${host}${path}`).add(`https://${host}${path}`);
  }
  return forms;
}

function addBothSlashes(forms: Set<string>, path: string): void {
  forms.add(path);
  forms.add(path.replaceAll('/', '\\'));
}

function encodeSegments(relative: string): string {
  return relative
    .split('/')
    .map((segment) => encodeURIComponent(safely(segment)))
    .join('/');
}

/** Lone surrogates make the encoders throw; no file system gives such names. */
function safely(text: string): string {
  return /[\ud800-\udfff]/u.test(text) ? '' : text;
}
