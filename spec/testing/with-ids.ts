import { mongo } from 'mongoose';
import { createHash } from 'node:crypto';
import type { StorageProvider, StoredForms } from '../../lib/providers/provider.js';
import { objectIdOf } from '../../lib/providers/stored-value.js';
import type { MemoryProvider } from '../../lib/testing/index.js';

/** The ObjectId under which documents may name a file of a storage in memory. */
export function idOf(label: string): mongo.ObjectId {
  return new mongo.ObjectId(createHash('sha256').update(label).digest('hex').slice(0, 24));
}

/** The same storage, of which values are also ObjectIds and `{ memory: ObjectId }`, of the files in it. */
export function withIds(memory: MemoryProvider): MemoryProvider {
  const identify: StorageProvider['identify'] = (value) => {
    const hex = objectIdOf(value) ?? objectIdOf(memberOf(value));
    if (hex === null) return memory.identify(value);
    const key = [...memory.files.keys()].find((label) => String(idOf(label)) === hex);
    return key === undefined ? null : { provider: memory.name, key };
  };
  const possible = (value: unknown) => {
    const asset = identify(value);
    return asset ? [asset] : memory.possible(value);
  };
  const forms = (asset: { provider: string; key: string }): StoredForms => {
    const own = memory.forms(asset);
    if (own.equal.length === 0) return own;
    const id = idOf(asset.key);
    return { ...own, equal: [...own.equal, id], objects: { memory: [asset.key, id] } };
  };
  const overridden = Object.entries({ identify, possible, forms }).map(([name, value]) => [
    name,
    { value, enumerable: true },
  ]);
  return Object.create(memory, Object.fromEntries(overridden) as PropertyDescriptorMap) as MemoryProvider;
}

function memberOf(value: unknown): unknown {
  try {
    return (value as { memory?: unknown } | null)?.memory;
  } catch {
    return null;
  }
}
