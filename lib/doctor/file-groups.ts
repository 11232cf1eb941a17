import type { Asset } from '../providers/provider.js';
import { foldersOf, kindOfName } from './named-files.js';

/** Files of a storage that have a kind or a folder in common. */
export interface FileGroup {
  /** The topmost folder in which no file is named; `undefined` if the files have their kind in common. */
  readonly folder?: string;
  readonly kind: string;
  readonly files: number;
  readonly examples: readonly Asset[];
}

/** How many files of a group are asked about, and how many groups are reported. */
const EXAMPLES = 20;
const MOST_GROUPS = 20;
/** How many groups are counted. Files of further groups are not counted. */
const MOST_COUNTED = 1000;

type Counted = FileGroup & { files: number; examples: Asset[] };

/** Groups the files of a storage by the kinds and folders that no named file has. */
export class FileGroups {
  readonly #kinds = new Set<string>();
  readonly #folders = new Set<string>();
  readonly #byFolder = new Map<string, Counted>();
  readonly #byKind = new Map<string, Counted>();
  readonly isAnythingNamed: boolean;

  constructor(namedFiles: readonly string[]) {
    this.isAnythingNamed = namedFiles.length > 0;
    for (const name of namedFiles) {
      this.#kinds.add(kindOfName(name));
      for (const folder of foldersOf(name)) this.#folders.add(folder);
    }
  }

  /** Counts a file for its folder first, since a folder explains files of all kinds. */
  add(name: string, asset: Asset): void {
    const folder = foldersOf(name).find((one) => !this.#folders.has(one));
    const kind = kindOfName(name);
    if (folder !== undefined) count(this.#byFolder, folder, { folder, kind, asset });
    else if (!this.#kinds.has(kind)) count(this.#byKind, kind, { kind, asset });
  }

  /** The groups without named files, the largest first. */
  unnamed(): FileGroup[] {
    return [...this.#byFolder.values(), ...this.#byKind.values()]
      .sort((one, other) => other.files - one.files)
      .slice(0, MOST_GROUPS);
  }
}

function count(
  groups: Map<string, Counted>,
  name: string,
  { asset, ...group }: { folder?: string; kind: string; asset: Asset },
): void {
  let known = groups.get(name);
  if (!known) {
    if (groups.size >= MOST_COUNTED) return;
    known = { ...group, files: 0, examples: [] };
    groups.set(name, known);
  }
  known.files++;
  if (known.examples.length < EXAMPLES) known.examples.push(asset);
}
