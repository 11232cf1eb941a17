import fse from 'fs-extra';
import nodePath from 'node:path';
import type {
  Asset,
  DroppedAsset,
  ListOptions,
  RemovalOutcome,
  StoredAsset,
  StoredForms,
} from '../provider.js';
import { rulesOf, type Folder, type Rules } from './folder.js';
import { formsOf } from './forms.js';
import { detailsOf, isGone, listFiles } from './list.js';
import { problemOf } from './names.js';
import { namesIn, readValue } from './reading.js';
import { fingerprintOf, isInside, removeFiles } from './remove.js';
import { keyOf, nameIn, Root } from './root.js';

/** The files of one folder. */
export class LocalStorage {
  readonly root: Root;
  readonly #folder: Omit<Folder, 'realRoot'>;
  #latest: Rules | undefined;

  constructor(folder: Omit<Folder, 'realRoot'>) {
    this.#folder = folder;
    this.root = new Root(folder.root);
  }

  /** Made anew if the root leads elsewhere now. */
  get rules(): Rules {
    const realRoot = this.root.real;
    if (this.#latest?.realRoot !== realRoot) this.#latest = rulesOf({ ...this.#folder, realRoot });
    return this.#latest;
  }

  assetOf(name: string): Asset {
    return { provider: 'local', key: keyOf(name, this.rules) };
  }

  /** The name below the root; `null` for an asset that is not in this folder. */
  nameOf({ key }: Asset): string | null {
    const name = nameIn(key, this.rules);
    return name === null || problemOf(name, this.rules) !== null ? null : name;
  }

  identify(value: unknown): Asset | null {
    const { name } = readValue(value, this.rules);
    return name === null ? null : this.assetOf(name);
  }

  possible(value: unknown): Asset[] {
    return namesIn(value, this.rules).map((name) => this.assetOf(name));
  }

  forms(asset: Asset): StoredForms {
    const name = this.nameOf(asset);
    return name === null ? { equal: [] } : formsOf(name, this.rules);
  }

  remove(assets: readonly DroppedAsset[], signal: AbortSignal): Promise<RemovalOutcome[]> {
    const files = assets.map((asset) => ({ relative: this.nameOf(asset), expected: asset.expected }));
    return removeFiles({ given: this.root.given, real: this.root.real }, files, signal);
  }

  async fingerprint(asset: Asset): Promise<string | null> {
    return this.nameOf(asset) === null ? null : fingerprintOf(asset.key);
  }

  async *list(options: ListOptions): AsyncGenerator<StoredAsset> {
    for await (const asset of this.listNames(options)) {
      const details = await detailsOf(asset.key);
      if (details) yield { asset, ...details };
    }
  }

  async *listNames(options: ListOptions): AsyncGenerator<Asset> {
    for await (const name of listFiles(this.root.real, options)) yield this.assetOf(name);
  }

  /** What is stored under the name of an asset, by the name that a listing gives it. */
  async find(asset: Asset): Promise<StoredAsset | null> {
    const name = this.nameOf(asset);
    if (name === null) return null;
    const realRoot = this.root.real;
    try {
      const real = await fse.realpath(nodePath.join(realRoot, name));
      if (!isInside(realRoot, real)) return null;
      const details = await detailsOf(real);
      const listed = nodePath.relative(realRoot, real).split(nodePath.sep).join('/');
      return details && { asset: this.assetOf(listed), ...details };
    } catch (error) {
      if (isGone(error)) return null;
      throw error;
    }
  }
}
