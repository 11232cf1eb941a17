import type { Asset, SweepableProvider } from '../provider.js';
import { derivedNames } from '../derived.js';
import { checkFolder } from './check.js';
import { hintFor } from './hint.js';
import { folderOf, type LocalProviderOptions } from './local-options.js';
import { readValue } from './reading.js';
import { LocalStorage } from './storage.js';

export type { LocalProviderOptions } from './local-options.js';

/**
 * Images in a folder of this machine. Removes regular files strictly inside the real root with `unlink`; never
 * directories, and nothing through a symbolic link.
 *
 * It accepts bare file names, multer's `file.path`, absolute paths below `root`, paths such as `/uploads/x.png`, URLs
 * such as `https://host/uploads/x.png` with a listed host, all of these in the encodings that browsers and libraries
 * write, and multer's file object. The `key` of an asset is its real absolute path.
 *
 * ```ts
 * const provider = localProvider({ root: 'uploads', baseUrl: '/uploads', hosts: ['example.com'] });
 * schema.plugin(imageCleanup, { fields: ['image'], provider });
 * ```
 *
 * @throws TypeError if `root` is `/`, a drive, the home folder, the working directory or a folder above them, a folder
 * of the operating system or of a project, and if an option is wrong or unknown.
 */
export function localProvider(options: LocalProviderOptions = {}): SweepableProvider {
  const files = new LocalStorage(folderOf(options));
  const { derived, machine } = options;
  return {
    name: 'local',
    kind: 'local',
    ...(machine !== undefined && { machine }),
    batchSize: 500,
    identify: (value) => files.identify(value),
    refusal: (value) => readValue(value, files.rules).refusal,
    hint: (value) => hintFor(value, files.rules),
    check: () => checkFolder(files.root.given),
    possible: (value) => files.possible(value),
    forms: (asset) => files.forms(asset),
    remove: (assets, { signal }) => files.remove(assets, signal),
    ...(derived && {
      derivedOf(asset: Asset) {
        const name = files.nameOf(asset);
        return name === null ? [] : derivedNames(derived, name).map((one) => files.assetOf(one));
      },
    }),
    fingerprint: (asset) => files.fingerprint(asset),
    get storage() {
      return files.root.real;
    },
    nameOf: (asset) => files.nameOf(asset) ?? asset.key,
    list: (listOptions) => files.list(listOptions),
    listNames: (listOptions) => files.listNames(listOptions),
    find: (asset) => files.find(asset),
  };
}
