import type { Connection } from 'mongoose';
import type { CleanupOptions } from '../schema/checked-options.js';
import type { AnyModel } from '../schema/options.js';
import type { StorageProvider, SweepableProvider } from '../providers/provider.js';
import { hasPlugin, trackedOf } from '../schema/model-fields.js';

/** A model whose files a storage holds, with the options of one plugin call. */
export interface Owner {
  readonly model: AnyModel;
  readonly options: CleanupOptions;
  readonly provider: SweepableProvider;
}

/** One folder or cloud, listed once, whatever the number of its providers. */
export interface Storage {
  readonly provider: SweepableProvider;
  readonly label: string;
  readonly owners: readonly Owner[];
}

export function ownersOf(models: readonly AnyModel[]): Owner[] {
  const owners = new Map<StorageProvider, Map<AnyModel, Owner>>();
  for (const model of models) {
    for (const { options, providers } of trackedOf(model)) {
      for (const provider of providers) {
        const ofProvider = owners.get(provider) ?? new Map<AnyModel, Owner>();
        owners.set(provider, ofProvider);
        if (!ofProvider.has(model)) ofProvider.set(model, { model, options, provider });
      }
    }
  }
  return [...owners.values()].flatMap((ofProvider) => [...ofProvider.values()]);
}

export function canBeListed(provider: SweepableProvider): boolean {
  return typeof provider.list === 'function';
}

/** The storages of these owners. A storage that lies within another is a part of it. */
export function storagesOf(owners: readonly Owner[]): Storage[] {
  const storages: { provider: SweepableProvider; owners: Owner[] }[] = [];
  const outermostFirst = owners
    .filter(({ provider }) => canBeListed(provider))
    .sort((one, other) => (one.provider.storage ?? '').length - (other.provider.storage ?? '').length);
  for (const owner of outermostFirst) {
    const storage = storages.find(({ provider }) => isWithin(owner.provider, provider));
    if (storage) storage.owners.push(owner);
    else storages.push({ provider: owner.provider, owners: [owner] });
  }
  return storages.map((storage) => ({ ...storage, label: labelOf(storage.provider) }));
}

export function labelOf({ name, storage }: SweepableProvider): string {
  return storage === undefined ? name : `${name} ${storage}`;
}

/**
 * Models that keep files in one of these storages, or around or within one, and that were not given. Searches the
 * connections of the given models, all other connections of their Mongoose, and the databases that these have opened
 * with `useDb`.
 */
export function modelsNotGiven(storages: readonly Storage[], given: readonly AnyModel[]): AnyModel[] {
  const isGiven = (model: AnyModel): boolean =>
    given.some(
      (one) =>
        one === model ||
        (one.db === model.db && one.collection.name === model.collection.name && hasPlugin(one)),
    );
  const connections = new Set(given.flatMap((model) => connectionsAround(model.db)));
  const registered = [...connections].flatMap(({ models }) => Object.values(models) as AnyModel[]);
  return registered
    .filter((model) => hasPlugin(model) && !isGiven(model))
    .filter((model) =>
      ownersOf([model]).some(({ provider }) =>
        storages.some(
          (storage) => isWithin(provider, storage.provider) || isWithin(storage.provider, provider),
        ),
      ),
    );
}

/** All connections of a connection's Mongoose, and the databases that these have opened with `useDb`. */
export function connectionsAround(connection: Connection): Connection[] {
  const found = new Set<Connection>();
  const add = (one: Connection): void => {
    if (found.has(one)) return;
    found.add(one);
    const { otherDbs = [], relatedDbs = {} } = one as {
      otherDbs?: Connection[];
      relatedDbs?: Record<string, Connection>;
    };
    for (const other of [...otherDbs, ...Object.values(relatedDbs)]) add(other);
  };
  const { base } = connection as unknown as { base?: { connections?: Connection[] } };
  for (const one of [connection, ...(base?.connections ?? [])]) add(one);
  return [...found];
}

/** Whether a listing of the outer storage includes the files of the inner one. */
export function isWithin(inner: SweepableProvider, outer: SweepableProvider): boolean {
  if (inner.name !== outer.name) return false;
  const [one, other] = [inner.storage, outer.storage];
  if (one === undefined || other === undefined || one === other) return true;
  return one.replaceAll('\\', '/').startsWith(`${other.replaceAll('\\', '/').replace(/\/$/, '')}/`);
}
