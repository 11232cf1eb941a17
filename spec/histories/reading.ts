import { ENCODERS, lowerHex } from '../support/spellings.js';
import { EVERYTHING, type Served } from './folders.js';

/** What a stored value says about files: the history's own reading, which shares no code with the library. */
export interface Said {
  /** Files that it could mean. */
  readonly meant: ReadonlySet<string>;
  /** Those of them that are asked for in a collection of any size. */
  readonly listed: ReadonlySet<string>;
  /** Files that it mentions. */
  readonly mentioned: ReadonlySet<string>;
  /** Files that it would mean in another field. */
  readonly elsewhere: ReadonlySet<string>;
  /** What each image of a text says. */
  readonly parts?: readonly Said[];
}

type SaidHere = Omit<Said, 'elsewhere'>;

/** Which strings of a closed list name one file. */
interface Forms {
  readonly equal: ReadonlySet<string>;
  /** Behind these a query or a fragment may follow. */
  readonly addresses: ReadonlySet<string>;
}

/** Names that an upload gives to what says where its file is. */
const ADDRESSES = ['path', 'url', 'secure_url', 'location', 'key'];

/** Reads values of fields that are served from folders below one root. */
export class FolderReading {
  readonly #root: string;
  readonly #forms = new Map<Served, Map<string, Forms>>();

  constructor(root: string) {
    this.#root = root;
  }

  /** `known`: every file that is or was there. */
  read(value: unknown, served: readonly Served[], known: readonly string[]): Said {
    const said = this.#readAny(value, served, known);
    if (said.meant.size > 0) return { ...said, elsewhere: new Set() };
    return { ...said, elsewhere: this.#readAny(value, EVERYTHING, known).meant };
  }

  #readAny(value: unknown, served: readonly Served[], known: readonly string[]): SaidHere {
    if (typeof value === 'string') return this.#readText(value, served, known);
    if (typeof value !== 'object' || value === null)
      return { meant: new Set(), listed: new Set(), mentioned: new Set() };
    return this.#readObject(value as Record<string, unknown>, served, known);
  }

  #readText(text: string, served: readonly Served[], known: readonly string[]): SaidHere {
    const listed = new Set<string>();
    const meant = new Set<string>();
    for (const one of served) {
      for (const file of known) if (this.#isListed(text, file, one)) listed.add(file);
      for (const file of widely(text, one, this.#root)) if (known.includes(file)) meant.add(file);
    }
    for (const file of listed) meant.add(file);
    const mentioned = new Set(
      meant.size === 0 && isText(text) ? known.filter((file) => mentions(text, file)) : [],
    );
    return { meant, listed, mentioned };
  }

  #readObject(
    object: Record<string, unknown>,
    served: readonly Served[],
    known: readonly string[],
  ): SaidHere {
    const { destination, filename, originalname: _, ...others } = object;
    const meant = new Set<string>();
    const listed = new Set<string>();
    const mentioned = new Set<string>();
    const joined =
      typeof destination === 'string' && typeof filename === 'string'
        ? { joined: `${destination.replace(/\/$/, '')}/${filename}` }
        : {};
    for (const [name, text] of stringsIn({ ...others, ...joined })) {
      const said = this.#readText(text, served, known);
      const isAddress = ADDRESSES.includes(name) || name === 'joined';
      for (const file of said.meant) (isAddress ? meant : mentioned).add(file);
      for (const file of said.mentioned) mentioned.add(file);
      if (!isAddress) continue;
      const isWhole = (file: string): boolean => served.some((one) => this.#isWhole(text, file, one));
      for (const file of said.listed)
        if ((name !== 'joined' && isWhole(file)) || base(file) === filename) listed.add(file);
    }
    return { meant, listed, mentioned };
  }

  #isListed(text: string, file: string, served: Served): boolean {
    const forms = this.#formsOf(file, served);
    if (!forms) return false;
    if (forms.equal.has(text)) return true;
    return [...text.matchAll(/[?#]/g)].some(({ index }) => forms.addresses.has(text.slice(0, index)));
  }

  #isWhole(text: string, file: string, served: Served): boolean {
    return this.#formsOf(file, served)?.equal.has(text) === true;
  }

  #formsOf(file: string, served: Served): Forms | undefined {
    const { folder } = served;
    if (folder !== '' && !file.startsWith(`${folder}/`)) return undefined;
    const known = this.#forms.get(served) ?? new Map<string, Forms>();
    this.#forms.set(served, known);
    const name = folder === '' ? file : file.slice(folder.length + 1);
    const forms = known.get(file) ?? closedList(name, served, `${this.#root}/${file}`);
    known.set(file, forms);
    return forms;
  }
}

/** The list that the documentation gives. */
function closedList(name: string, { base: path, hosts }: Served, absolute: string): Forms {
  const encoded = [...new Set(ENCODERS.flatMap((encode) => [encode(name), lowerHex(encode(name))]))].filter(
    (one) => decoded(one) === name || one === name,
  );
  const seams = (start: string): string[] =>
    encoded.flatMap((one) => [`${start}/${one}`, `${start}//${one}`]);
  const addresses = [
    ...seams(path),
    ...seams(path.slice(1)),
    ...hosts.flatMap((host) => ['https://', 'http://', '//', ''].flatMap((one) => seams(one + host + path))),
    ...encoded.flatMap((one) => [one, `./${one}`, `.${path}/${one}`]),
  ];
  return { addresses: new Set(addresses), equal: new Set([...addresses, absolute]) };
}

const NOWHERE = 'nowhere.invalid';

/** The files that a browser would get for the text, or a program that opens it as a path. */
function widely(given: string, { folder, base: path, hosts }: Served, root: string): string[] {
  const text = given.trim();
  const isBare = !/^(?:[a-z][a-z0-9+.-]*:|\/)/i.test(text);
  const addresses = isBare ? [`/${text}`, `${path}/${text}`] : [text];
  const found = addresses.flatMap((address) =>
    pathsOf(address, hosts)
      .filter((asked) => asked.toLowerCase().startsWith(`${path}/`.toLowerCase()))
      .map((asked) => asked.slice(path.length + 1)),
  );
  const home = folder === '' ? root : `${root}/${folder}`;
  if (text.startsWith(`${home}/`)) found.push(text.slice(home.length + 1));
  return found.map((name) => (folder === '' ? name : `${folder}/${name}`));
}

/** What a server looks for, and what else the address may mean: a `?`, a `#` and an escape may be a part of the file's name. */
function pathsOf(address: string, hosts: readonly string[]): string[] {
  const ends = [...address.matchAll(/[?#]/g)].map(({ index }) => index);
  const found = [...ends, address.length].flatMap((end) => {
    const named = address.slice(0, end).replaceAll('?', '%3F').replaceAll('#', '%23');
    // a space at the end of an address is no part of it, and one before a fragment is
    const pathname = pathnameOf(end < address.length ? `${named}#` : named, hosts);
    if (pathname === undefined) return [];
    return address.includes(base(pathname)) ? [decoded(pathname), pathname] : [decoded(pathname)];
  });
  return [...new Set(found)].map((one) => one.replace(/\/{2,}/g, '/'));
}

function pathnameOf(address: string, hosts: readonly string[]): string | undefined {
  try {
    const url = new URL(address, `http://${NOWHERE}`);
    return url.host === NOWHERE || hosts.includes(url.host) ? url.pathname : undefined;
  } catch {
    return undefined;
  }
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Nobody takes these for the path of a file: URLs of other hosts, and sentences. */
function isText(text: string): boolean {
  return /^https?:\/\//i.test(text) || /[\s<>]/.test(text);
}

function mentions(text: string, file: string): boolean {
  const name = base(file);
  return [text, decoded(text), decoded(decoded(text))].some((one) => {
    const at = one.toLowerCase().indexOf(name.toLowerCase());
    return at >= 0 && !/[\w.-]$/.test(one.slice(0, at)) && !/^[\w.-]/.test(one.slice(at + name.length));
  });
}

function base(file: string): string {
  return file.slice(file.lastIndexOf('/') + 1);
}

/** Every string in an object, with the name under which it stands. */
function stringsIn(object: Record<string, unknown>): [name: string, text: string][] {
  return Object.entries(object).flatMap(([name, value]): [string, string][] => {
    if (typeof value === 'string') return [[name, value]];
    if (typeof value !== 'object' || value === null) return [];
    return stringsIn(value as Record<string, unknown>).map(([, text]) => ['', text]);
  });
}
