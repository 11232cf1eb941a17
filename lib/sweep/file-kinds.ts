import type { StorageProvider } from '../providers/provider.js';
import { kindOf } from '../usage/meaning.js';

/** The kind of files without an extension, as multer names them by default. */
export const NO_EXTENSION = 'none';

/** Up to 12 letters and digits with at least one letter. The end of `report.2024` is a year and not an extension. */
const EXTENSION = /\.(?=[0-9]*[a-z])[a-z0-9]{1,12}$/i;

/** The extension of a name with its case; `NO_EXTENSION` if it has none, as in `.gitkeep` and `a.png~`. */
export function extensionOf(name: string): string {
  const fileName = name.slice(name.lastIndexOf('/') + 1);
  const found = EXTENSION.exec(fileName);
  return found && found.index > 0 ? found[0] : NO_EXTENSION;
}

/** `.PNG` and `.png` are the same kind of file. */
export function kindOfName(name: string): string {
  return extensionOf(name).toLowerCase();
}

/** The public ids of images and videos on Cloudinary have no extension; a dot in them is a part of the name. */
const WITHOUT_KINDS: ReadonlySet<string> = new Set(['cloudinary']);

/** Whether the names in a storage show what kind of file it is. */
export function hasKinds(provider: StorageProvider): boolean {
  return !WITHOUT_KINDS.has(kindOf(provider));
}

/** The folders that contain a file, the outermost first; none for a file in the root. */
export function* foldersOf(name: string): Generator<string> {
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    if (slash > 0) yield name.slice(0, slash);
  }
}
