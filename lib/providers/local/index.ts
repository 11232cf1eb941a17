import fse from 'fs-extra';
import nodePath from 'node:path';
import type { Asset, StoredAsset, SweepableProvider } from '../provider.js';
import { derivedNames } from '../derived.js';
import { checkFolder } from './check.js';
import { rulesOf, type Rules } from './folder.js';
import { formsOf } from './forms.js';
import { hintFor } from './hint.js';
import { detailsOf, isGone, listFiles } from './list.js';
import { problemOf } from './names.js';
import { folderOf, type LocalProviderOptions } from './local-options.js';
import { namesIn, readValue } from './reading.js';
import { fingerprintOf, isInside, removeFiles } from './remove.js';
import { keyOf, nameIn, Root } from './root.js';

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
  const folder = folderOf(options);
  const { derived } = options;
  const root = new Root(folder.root);
  let latest: Rules | undefined;
  const rules = (): Rules => {
    const realRoot = root.real;
    if (latest?.realRoot !== realRoot) latest = rulesOf({ ...folder, realRoot });
    return latest;
  };
  const assetOf = (name: string): Asset => ({ provider: 'local', key: keyOf(name, rules()) });
  const nameOf = ({ key }: Asset): string | null => {
    const name = nameIn(key, rules());
    return name === null || problemOf(name, rules()) !== null ? null : name;
  };
  return {
    name: 'local',
    kind: 'local',
    ...(options.machine !== undefined && { machine: options.machine }),
    batchSize: 500,
    identify(value) {
      const { name } = readValue(value, rules());
      return name === null ? null : assetOf(name);
    },
    refusal: (value) => readValue(value, rules()).refusal,
    hint: (value) => hintFor(value, rules()),
    check: () => checkFolder(root.given),
    possible: (value) => namesIn(value, rules()).map(assetOf),
    forms(asset) {
      const name = nameOf(asset);
      return name === null ? { equal: [] } : formsOf(name, rules());
    },
    remove: (assets, { signal }) =>
      removeFiles(
        { given: root.given, real: root.real },
        assets.map((asset) => ({ relative: nameOf(asset), expected: asset.expected })),
        signal,
      ),
    ...(derived && {
      derivedOf(asset: Asset) {
        const name = nameOf(asset);
        return name === null ? [] : derivedNames(derived, name).map(assetOf);
      },
    }),
    fingerprint: async (asset) => (nameOf(asset) === null ? null : fingerprintOf(asset.key)),
    get storage() {
      return root.real;
    },
    nameOf: (asset) => nameOf(asset) ?? asset.key,
    async *list(listOptions): AsyncIterable<StoredAsset> {
      for await (const relative of listFiles(root.real, listOptions)) {
        const asset = assetOf(relative);
        const details = await detailsOf(asset.key);
        if (details) yield { asset, ...details };
      }
    },
    async *listNames(listOptions): AsyncIterable<Asset> {
      for await (const relative of listFiles(root.real, listOptions)) yield assetOf(relative);
    },
    async find(asset) {
      const name = nameOf(asset);
      return name === null ? null : await findFile(root.real, name, assetOf);
    },
  };
}

/** What is stored under a name, by the name that a listing gives it. */
async function findFile(
  realRoot: string,
  name: string,
  assetOf: (name: string) => Asset,
): Promise<StoredAsset | null> {
  try {
    const real = await fse.realpath(nodePath.join(realRoot, name));
    if (!isInside(realRoot, real)) return null;
    const details = await detailsOf(real);
    return (
      details && {
        asset: assetOf(nodePath.relative(realRoot, real).split(nodePath.sep).join('/')),
        ...details,
      }
    );
  } catch (error) {
    if (isGone(error)) return null;
    throw error;
  }
}
