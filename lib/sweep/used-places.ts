import { folded } from '../usage/names.js';
import type { Reading } from '../usage/meaning.js';
import type { StorageProvider } from '../providers/provider.js';
import { KeyTable } from './key-table.js';
import { foldersOf, kindOfName } from './file-kinds.js';
import { isWithin, type Storage } from './storages.js';

/** The prefixes of folder names and of kinds in the table. */
const FOLDER = 'd';
const KIND = 'k';

/** Spaces, quotes and brackets: more likely a text than the path of a file. */
const LOOKS_LIKE_TEXT = /[\s<>"'`]/;

/**
 * The folders of one storage in which files are used, and the kinds of files that documents store: as hashes, 18 bytes
 * each.
 */
class StoragePlaces {
  readonly #table = new KeyTable();
  #lastFolder: string | undefined;
  /** Whether a document uses a file of the storage. */
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

/** The folders and kinds of the files that documents use, by storage. */
export class UsedPlaces {
  readonly #storages: readonly Storage[];
  readonly #places = new Map<Storage, StoragePlaces>();
  readonly #byProvider = new Map<StorageProvider, Storage | null>();

  constructor(storages: readonly Storage[]) {
    this.#storages = storages;
    for (const storage of storages) this.#places.set(storage, new StoragePlaces());
  }

  of(storage: Storage): Pick<StoragePlaces, 'isUsed' | 'isFolderUsed' | 'isKindStored'> {
    return this.#places.get(storage)!;
  }

  /** Records a file that a document uses. */
  noteUsed(reading: Reading): void {
    const storage = this.#storageOf(reading.provider);
    if (!storage) return;
    this.#places.get(storage)!.isUsed = true;
    this.noteUsedElsewhere(reading);
  }

  /** Records a file that is used according to a `references` function. */
  noteUsedElsewhere({ asset, provider }: Reading): void {
    const storage = this.#storageOf(provider);
    if (storage) this.#places.get(storage)!.addUsed(nameIn(storage, asset));
  }

  /**
   * Records a stored value that means a file which was not listed. A value that could be a text says nothing about
   * kinds.
   */
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

/** The name that the listing of the storage gives the asset, relative to its own root. */
function nameIn({ provider }: Storage, asset: Reading['asset']): string {
  return provider.nameOf?.(asset) ?? asset.key;
}
