import { ANCHOR, valuesIn } from './files.js';
import type { Stored, World } from './world.js';

/** What the committed documents and the storage say at one moment. Files are names, but for `stored`. */
export interface Sight {
  /** `name#version` of everything stored. */
  readonly stored: ReadonlySet<string>;
  /** Files that some document names or mentions. */
  readonly used: ReadonlySet<string>;
  /** Those of them that some document names. */
  readonly meant: ReadonlySet<string>;
  /** Those that must be found, however large collections are thought to be. */
  readonly bound: ReadonlySet<string>;
  /** Files that are the only stored one that some value can mean. */
  readonly named: ReadonlySet<string>;
  /** By `_id`. */
  readonly documents: ReadonlyMap<string, Holding>;
}

/** What one document says about files. */
export interface Holding {
  /** By value, as JSON: the files that it names. */
  readonly values: ReadonlyMap<string, ReadonlySet<string>>;
  /** Files that the document names or mentions. */
  readonly uses: ReadonlySet<string>;
}

/** Fields to which an update can move a value, where it may mean another file until the next write. */
const MOVED: Readonly<Record<string, readonly string[]>> = {
  image: ['cover', 'gallery'],
  cover: ['image', 'gallery'],
};

type Sets = [Set<string>, Set<string>, Set<string>, Set<string>];

export async function look(world: World): Promise<Sight> {
  const stored = new Set(await world.storage.contents());
  const there = new Set([...stored].map(nameIn));
  const [used, meant, bound, named] = [ANCHOR, ANCHOR, ANCHOR, ANCHOR].map((one) => new Set([one])) as Sets;
  const documents = new Map<string, Holding>();
  const { known } = world;
  for (const { model, document } of await world.documents()) {
    const own = { values: new Map<string, ReadonlySet<string>>(), uses: new Set<string>() };
    for (const [field, value] of valuesIn(document)) {
      const said = world.naming.read(value, { model, field }, known);
      own.values.set(JSON.stringify([field, value]), said.meant);
      addAll(meant, said.meant);
      addAll(own.uses, said.meant, said.mentioned, said.elsewhere);
      addAll(bound, said.listed);
      if (world.isSearched) addAll(bound, said.meant, said.mentioned);
      for (const part of said.parts ?? [said]) addAll(named, soleOf(part.meant, there));
      for (const other of MOVED[field] ?? []) {
        const moved = world.naming.read(value, { model, field: other }, known);
        addAll(named, soleOf(moved.meant, there));
      }
    }
    addAll(used, own.uses);
    documents.set(String((document as Stored['document'])['_id']), own);
  }
  return { stored, used, meant, bound, named, documents };
}

/** The one file that a value means, if it means one that is stored and no other that is. */
export function soleOf(meant: ReadonlySet<string>, there: ReadonlySet<string>): string[] {
  const possible = [...meant].filter((name) => there.has(name));
  return possible.length === 1 ? possible : [];
}

export function nameIn(file: string): string {
  return file.replace(/#[^#]*$/, '');
}

function addAll(into: Set<string>, ...lists: Iterable<string>[]): void {
  for (const list of lists) for (const one of list) into.add(one);
}
