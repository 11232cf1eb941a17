/** The rules of one folder: which strings name a file in it, and which strings a file can be named by. */
export interface Folder {
  /** Absolute, as it was given. */
  readonly root: string;
  /** Where that really is. */
  readonly realRoot: string;
  /** Path part of the public URL, without a trailing slash: `/uploads`; `''` when files are served from `/`. */
  readonly basePath: string;
  /** Hosts that serve the folder, in lower case: `example.com`, `localhost:3000`. */
  readonly hosts: readonly string[];
  /** The folder as seen from the working directory (`uploads`), as multer's `file.path` begins; `null`: on another drive. */
  readonly fromHere: string | null;
  readonly isWindows: boolean;
}

/**
 * How a name is written after a beginning. `file`: as it is. `windows`: with `\`. `address`: in any encoding, and a query
 * may follow. `escaped`: the same where it is expected as it is.
 */
export type Writing = 'file' | 'windows' | 'address' | 'escaped';

/** What may stand before the name of a file. */
export interface Beginning {
  readonly text: string;
  readonly writing: Writing;
}

/** A folder with all beginnings of the values that name its files, likelier meanings first. */
export interface Rules extends Folder {
  readonly beginnings: readonly Beginning[];
  /** The texts of the beginnings, each once. */
  readonly texts: readonly string[];
  /** Those behind which an address stands. */
  readonly addressTexts: ReadonlySet<string>;
}

/** Whether what follows the name after `?` or `#` is none of it. */
export function mayHaveQuery({ writing }: Beginning): boolean {
  return writing === 'address' || writing === 'escaped';
}

export function rulesOf(folder: Folder): Rules {
  const roots = rootBeginnings(folder);
  const served = servedBeginnings(folder);
  // where the folder is served under its own path, a value with `%20` or `?` is an address rather than a path
  const isSame = folder.root === folder.basePath || folder.realRoot === folder.basePath;
  const beginnings = [
    ...(isSame ? [...served, ...roots] : [...roots, ...served]),
    ...hereBeginnings(folder),
    ...unslashedBeginnings(folder),
    ...bareBeginnings(folder),
  ];
  const seen = new Set<string>();
  const isNew = ({ text, writing }: Beginning): boolean => {
    const size = seen.size;
    return seen.add(`${writing} ${text}`).size > size;
  };
  const different = beginnings.filter(isNew);
  const textsOf = (some: readonly Beginning[]): Set<string> => new Set(some.map(({ text }) => text));
  return {
    ...folder,
    beginnings: different,
    texts: [...textsOf(different)],
    addressTexts: textsOf(different.filter(mayHaveQuery)),
  };
}

function rootBeginnings({ root, realRoot, isWindows }: Folder): Beginning[] {
  return [root, realRoot].flatMap((one): Beginning[] =>
    isWindows
      ? [
          { text: `${one}\\`, writing: 'windows' },
          { text: `${one.replaceAll('\\', '/')}/`, writing: 'file' },
        ]
      : [{ text: `${one}/`, writing: 'file' }],
  );
}

/** The seam between base and name has one slash or two: `${base}/` + `/${name}` is a common mistake, and is served. */
function seams(text: string): Beginning[] {
  return [
    { text: `${text}/`, writing: 'address' },
    { text: `${text}//`, writing: 'address' },
  ];
}

function servedBeginnings({ basePath, hosts }: Folder): Beginning[] {
  const withHost = hosts.flatMap((host) =>
    ['https://', 'http://', '//'].flatMap((scheme) => seams(`${scheme}${host}${basePath}`)),
  );
  // without a base path `//a.png` would be a host
  const onOurs = basePath === '' ? seams('').slice(0, 1) : seams(basePath);
  return [...withHost, ...onOurs];
}

/** multer's `file.path`; with `\` where Windows wrote it. */
function hereBeginnings({ fromHere, isWindows }: Folder): Beginning[] {
  if (fromHere === null) return [];
  const backslashed = fromHere.replaceAll('/', '\\');
  return [
    { text: `${fromHere}/`, writing: 'file' },
    { text: `${backslashed}\\`, writing: 'windows' },
    ...(fromHere.startsWith('..') ? [] : [{ text: `./${fromHere}/`, writing: 'file' } as const]),
    ...(isWindows ? [{ text: `.\\${backslashed}\\`, writing: 'windows' } as const] : []),
  ];
}

/** Before which a template writes `https://` or `/`. */
function unslashedBeginnings({ basePath, hosts }: Folder): Beginning[] {
  return [
    ...hosts.flatMap((host) => seams(`${host}${basePath}`)),
    ...(basePath === '' ? [] : seams(basePath.slice(1))),
    ...(basePath === '' ? [] : seams(`.${basePath}`).slice(0, 1)),
  ];
}

function bareBeginnings({ isWindows }: Folder): Beginning[] {
  return [
    { text: '', writing: 'file' },
    { text: './', writing: 'file' },
    { text: '', writing: 'windows' },
    ...(isWindows ? [{ text: '.\\', writing: 'windows' } as const] : []),
    { text: '', writing: 'escaped' },
    { text: './', writing: 'escaped' },
  ];
}

const SCHEME = /^[a-z][a-z0-9+.-]+:/i;
const DRIVE = /^[a-z]:/i;
/** `C:/uploads/a.png` mentions `a.png`, so that it must not be taken for a path that begins with a name. */
const ON_DRIVE = /^[a-z]:[/\\]/i;
/** Of addresses, whatever follows; `//` behind any scheme makes an address, too. */
const KNOWN_SCHEME = /^(?:[a-z][a-z0-9+.-]*:\/\/|(?:https?|data|blob|file|javascript|mailto|about):)/i;

export function isDrive(text: string): boolean {
  return DRIVE.test(text);
}

/**
 * The same, and also names such as `photo:1.png` and `f:1.png`, which begin like a scheme or a drive: whether they are
 * addresses only the app knows.
 */
export function mayBeBare(text: string): boolean {
  return !/^[/\\]/.test(text) && !ON_DRIVE.test(text) && !KNOWN_SCHEME.test(text);
}

/** Whether the text can be a path that begins with a name: no URL, no absolute path, none on a drive of Windows. */
export function isBare(text: string): boolean {
  return !/^[/\\]/.test(text) && !DRIVE.test(text) && !SCHEME.test(text);
}
