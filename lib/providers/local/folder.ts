/** The rules of one folder: which strings name a file in it, and with which strings a file can be named. */
export interface Folder {
  /** The absolute path, as it was given. */
  readonly root: string;
  /** The real path. */
  readonly realRoot: string;
  /** The path of the public URL without a trailing slash: `/uploads`; `''` if the files are served from `/`. */
  readonly basePath: string;
  /** Hosts that serve the folder, in lower case: `example.com`, `localhost:3000`. */
  readonly hosts: readonly string[];
  /**
   * The path from the working directory (`uploads`), with which multer's `file.path` begins; `null` if it is on another
   * drive.
   */
  readonly fromHere: string | null;
  readonly isWindows: boolean;
}

/**
 * How a name is written after a beginning. `file`: unchanged. `windows`: with `\`. `address`: in any encoding, with an
 * optional query. `escaped`: like `address`, at a place where names are usually written unchanged.
 */
export type Writing = 'file' | 'windows' | 'address' | 'escaped';

/** A text that may precede the name of a file. */
export interface Beginning {
  readonly text: string;
  readonly writing: Writing;
}

/** A folder with all beginnings of the values that name its files, the likelier meanings first. */
export interface Rules extends Folder {
  readonly beginnings: readonly Beginning[];
  /** The texts of the beginnings, each once. */
  readonly texts: readonly string[];
  /** The texts of the beginnings that an address follows. */
  readonly addressTexts: ReadonlySet<string>;
}

/** Whether a `?` or `#` after the name begins something that is not part of it. */
export function mayHaveQuery({ writing }: Beginning): boolean {
  return writing === 'address' || writing === 'escaped';
}

export function rulesOf(folder: Folder): Rules {
  const roots = rootBeginnings(folder);
  const served = servedBeginnings(folder);
  // if the folder is served under its own path, a value with `%20` or `?` is read as an address
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

/**
 * The seam between base and name has one slash or two, since `${base}/` + `/${name}` is a common mistake that servers
 * accept.
 */
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
  // without a base path, `//a.png` would be a host
  const onOurs = basePath === '' ? seams('').slice(0, 1) : seams(basePath);
  return [...withHost, ...onOurs];
}

/** multer's `file.path`; with `\` if it was written on Windows. */
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

/** Values before which a template writes `https://` or `/`. */
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
/** `C:/uploads/a.png` mentions `a.png`, so it must not be read as a path that begins with a name. */
const ON_DRIVE = /^[a-z]:[/\\]/i;
/** The schemes of addresses; `//` after any scheme also makes an address. */
const KNOWN_SCHEME = /^(?:[a-z][a-z0-9+.-]*:\/\/|(?:https?|data|blob|file|javascript|mailto|about):)/i;

export function isDrive(text: string): boolean {
  return DRIVE.test(text);
}

/**
 * Like `isBare`, but also true for names such as `photo:1.png` and `f:1.png`, which begin like a scheme or a drive.
 * Only the app knows whether they are addresses.
 */
export function mayBeBare(text: string): boolean {
  return !/^[/\\]/.test(text) && !ON_DRIVE.test(text) && !KNOWN_SCHEME.test(text);
}

/** Whether the text can be a path that begins with a name: not a URL, not an absolute path, not on a drive of Windows. */
export function isBare(text: string): boolean {
  return !/^[/\\]/.test(text) && !DRIVE.test(text) && !SCHEME.test(text);
}
