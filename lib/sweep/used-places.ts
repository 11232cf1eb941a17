import { folded } from '../usage/names.js';
import type { Reading } from '../usage/reading.js';
import type { StorageProvider } from '../providers/provider.js';
import { KeyTable } from './key-table.js';
import { foldersOf, kindOfName } from './kinds.js';
import { isWithin, type Storage } from './storages.js';

/** What stands in front of the name of a folder, or of a kind, in the table. */
const FOLDER = 'd';
const KIND = 'k';

/** Spaces, quotes and brackets: more likely a text than the path of a file. */
const LOOKS_LIKE_TEXT = /[\s<>"'`]/;

/** The folders in which files of one storage are used, and the kinds of file that documents store: as hashes, 18 bytes each. */
class Places {
  readonly #table = new KeyTable();
  #lastFolder: string | undefined;
  /** By a document. */
  isUsed = false;

  addUsed(name: string): void {
    this.addKind(name);
    const folder = name.slice(0, Math.max(0, name.lastIndexOf('/')));
    if (folder === this.#lastFolder) return;
    this.#lastFolder = folder;
    for (const one of foldersOf(name)) this.#table.add(FOLDER + folded(one));
  }

  addKind(name: string): void {
    this.#table.add(KIND + kindOfName(name));
  }

  isFolderUsed(folder: string): boolean {
    return this.#table.has(FOLDER + folded(folder));
  }

  isKindStored(kind: string): boolean {
    return this.#table.has(KIND + kind);
  }
}

/** Where the files lie that documents use: what uploads look like, storage by storage. */
export class UsedPlaces {
  readonly #storages: readonly Storage[];
  readonly #places = new Map<Storage, Places>();
  readonly #byProvider = new Map<StorageProvider, Storage | null>();

  constructor(storages: readonly Storage[]) {
    this.#storages = storages;
    for (const storage of storages) this.#places.set(storage, new Places());
  }

  of(storage: Storage): Pick<Places, 'isUsed' | 'isFolderUsed' | 'isKindStored'> {
    return this.#places.get(storage)!;
  }

  /** A document uses the file. */
  noteUsed(reading: Reading): void {
    const storage = this.#storageOf(reading.provider);
    if (!storage) return;
    this.#places.get(storage)!.isUsed = true;
    this.noteUsedElsewhere(reading);
  }

  /** A `references` function says that something uses the file. */
  noteUsedElsewhere({ asset, provider }: Reading): void {
    const storage = this.#storageOf(provider);
    if (storage) this.#places.get(storage)!.addUsed(nameIn(storage, asset));
  }

  /** A document stores a value that means a file which was not listed; what may as well be a text says nothing about kinds. */
  noteStored({ asset, provider }: Reading): void {
    const storage = this.#storageOf(provider);
    const name = storage ? nameIn(storage, asset) : '';
    if (storage && !LOOKS_LIKE_TEXT.test(name)) this.#places.get(storage)!.addKind(name);
  }

  #storageOf(provider: StorageProvider): Storage | null {
    let storage = this.#byProvider.get(provider);
    if (storage === undefined) {
      const own = this.#storages.find(({ owners }) => owners.some((owner) => owner.provider === provider));
      storage = own ?? this.#storages.find((one) => isWithin(provider, one.provider)) ?? null;
      this.#byProvider.set(provider, storage);
    }
    return storage;
  }
}

/** As the listing of the storage names it, from its own root. */
function nameIn({ provider }: Storage, asset: Reading['asset']): string {
  return provider.nameOf?.(asset) ?? asset.key;
}
