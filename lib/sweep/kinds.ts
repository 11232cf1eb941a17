import type { StorageProvider } from '../providers/provider.js';
import { kindOf } from '../usage/reading.js';

/** Of files without an extension, as multer names them by default. */
export const NO_EXTENSION = 'none';

/** Up to 12 letters and digits with a letter among them: the end of `report.2024` is a year, and no kind. */
const EXTENSION = /\.(?=[0-9]*[a-z])[a-z0-9]{1,12}$/i;

/** The extension of a name as it is written there; `NO_EXTENSION` where it has none, as `.gitkeep` and `a.png~`. */
export function extensionOf(name: string): string {
  const fileName = name.slice(name.lastIndexOf('/') + 1);
  const found = EXTENSION.exec(fileName);
  return found && found.index > 0 ? found[0] : NO_EXTENSION;
}

/** `.PNG` and `.png` are one kind of file. */
export function kindOfName(name: string): string {
  return extensionOf(name).toLowerCase();
}

/** Cloudinary's ids of images and videos have no extension: what stands behind a dot there is a part of the name. */
const WITHOUT_KINDS: ReadonlySet<string> = new Set(['cloudinary']);

/** Do the names of a storage tell what kind of file it is? */
export function hasKinds(provider: StorageProvider): boolean {
  return !WITHOUT_KINDS.has(kindOf(provider));
}

/** The folders around a file, the outermost first; none in the root. */
export function* foldersOf(name: string): Generator<string> {
  for (let slash = name.indexOf('/'); slash >= 0; slash = name.indexOf('/', slash + 1)) {
    if (slash > 0) yield name.slice(0, slash);
  }
}
