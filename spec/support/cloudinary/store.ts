import { randomBytes } from 'node:crypto';

export interface StoredResource {
  readonly resource_type: string;
  readonly type: string;
  readonly public_id: string;
  readonly format: string;
  readonly version: number;
  readonly bytes: number;
  readonly created_at: string;
  readonly asset_id: string;
}

/** What the cloud holds. Assets of one public id but of another resource type or delivery type are different assets. */
export class Store {
  readonly #resources = new Map<string, StoredResource>();
  #clock = 1_571_218_039;

  get keys(): string[] {
    return [...this.#resources.keys()].sort();
  }

  has(resourceType: string, type: string, publicId: string): boolean {
    return this.#resources.has(keyOf(resourceType, type, publicId));
  }

  put(resourceType: string, type: string, publicId: string, format = 'jpg', bytes = 1000): StoredResource {
    const key = keyOf(resourceType, type, publicId);
    const version = ++this.#clock;
    const resource = {
      ...{ resource_type: resourceType, type, public_id: publicId, format, version, bytes },
      created_at: this.#resources.get(key)?.created_at ?? new Date(version * 1000).toISOString(),
      asset_id: randomBytes(16).toString('hex'),
    };
    this.#resources.set(key, resource);
    return resource;
  }

  remove(resourceType: string, type: string, publicId: string): boolean {
    return this.#resources.delete(keyOf(resourceType, type, publicId));
  }

  /** One page, sorted by public id. The cursor names the last id of the page before, so that writes in between shift nothing. */
  page(resourceType: string, type: string | undefined, prefix: string, max: number, after: string | null) {
    const rest = [...this.#resources.values()]
      .filter((one) => one.resource_type === resourceType && (type === undefined || one.type === type))
      .filter((one) => one.public_id.startsWith(prefix) && (after === null || one.public_id > after))
      .sort((a, b) => (a.public_id < b.public_id ? -1 : 1));
    const resources = rest.slice(0, max);
    const last = resources.at(-1);
    const more =
      rest.length > max && last ? { next_cursor: Buffer.from(last.public_id).toString('hex') } : {};
    return { resources, ...more };
  }
}

function keyOf(resourceType: string, type: string, publicId: string): string {
  return `${resourceType}/${type}/${publicId}`;
}
