import { createHash, randomBytes } from 'node:crypto';
import { Sorted } from './sorted.js';

/** One version of an object, or a delete marker. */
export interface Version {
  readonly key: string;
  /** `null` (the word) where the bucket kept no versions at that time. */
  readonly versionId: string;
  readonly isDeleteMarker: boolean;
  readonly etag: string;
  readonly lastModified: Date;
  readonly body: Buffer;
  /** Headers that come back with the content: content type, cache control, metadata. */
  readonly headers: Readonly<Record<string, string>>;
}

export interface Upload {
  readonly key: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly parts: Map<number, { readonly body: Buffer; readonly etag: string }>;
}

export type Content = Pick<Version, 'body' | 'headers'> & { readonly etag?: string };

/** What a bucket holds: for each key its versions, the newest first. */
export class Bucket {
  versioning: '' | 'Enabled' | 'Suspended' = '';
  readonly uploads = new Map<string, Upload>();
  readonly #versions = new Map<string, Version[]>();
  readonly #keys = new Sorted();

  constructor(readonly now: () => Date) {}

  /** Keys that have a version or a delete marker, in the order of their bytes. */
  get keys(): readonly string[] {
    return this.#keys.list;
  }

  versionsOf(key: string): readonly Version[] {
    return this.#versions.get(key) ?? [];
  }

  /** The current version, which may be a delete marker. */
  current(key: string): Version | undefined {
    return this.versionsOf(key)[0];
  }

  /** The object as reads and lists see it. */
  object(key: string): Version | undefined {
    const current = this.current(key);
    return current?.isDeleteMarker ? undefined : current;
  }

  put(key: string, content: Content): Version {
    const etag = content.etag ?? etagOf(content.body);
    return this.#add({ ...content, key, etag, isDeleteMarker: false, ...this.#stamp() });
  }

  /** As a delete without a version does it; the marker that it left, where the bucket keeps versions. */
  remove(key: string): Version | undefined {
    if (this.versioning === '') {
      this.#set(key, []);
      return undefined;
    }
    const nothing = { etag: '', body: Buffer.alloc(0), headers: {} };
    return this.#add({ ...nothing, key, isDeleteMarker: true, ...this.#stamp() });
  }

  /** Removes one version for good; what it was. */
  removeVersion(key: string, versionId: string): Version | undefined {
    const versions = this.versionsOf(key);
    this.#set(
      key,
      versions.filter((one) => one.versionId !== versionId),
    );
    return versions.find((one) => one.versionId === versionId);
  }

  #stamp(): Pick<Version, 'versionId' | 'lastModified'> {
    const versionId = this.versioning === 'Enabled' ? randomBytes(12).toString('hex') : 'null';
    // whole seconds, as S3 tells them everywhere
    const lastModified = new Date(Math.floor(this.now().getTime() / 1000) * 1000);
    return { versionId, lastModified };
  }

  #add(version: Version): Version {
    const others = this.versionsOf(version.key).filter((one) => one.versionId !== version.versionId);
    this.#set(version.key, [version, ...others]);
    return version;
  }

  #set(key: string, versions: Version[]): void {
    if (versions.length > 0) {
      if (!this.#versions.has(key)) this.#keys.add(key);
      this.#versions.set(key, versions);
    } else if (this.#versions.delete(key)) this.#keys.delete(key);
  }
}

/** As S3 writes it, with its quotes. */
export function etagOf(body: Buffer): string {
  return `"${createHash('md5').update(body).digest('hex')}"`;
}

/** Of an object of several parts. */
export function etagOfParts(etags: readonly string[]): string {
  const digests = Buffer.concat(etags.map((one) => Buffer.from(one.slice(1, -1), 'hex')));
  return `"${createHash('md5').update(digests).digest('hex')}-${etags.length}"`;
}
