import type { HydratedDocument } from 'mongoose';
import type { ImageCleanupOptions } from '../../lib/index.js';
import { testApp, type AnyDocumentModel, type TestApp } from './test-app.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyDocument = HydratedDocument<any>;

/** Two albums with every shape of field, and a file on disk for each value. */
export interface Scene {
  readonly s: TestApp;
  readonly Album: AnyDocumentModel;
  readonly target: AnyDocument;
  /** Runs a write; returns the names of the files that have left the disk since, sorted. */
  goneAfter(write: () => unknown): Promise<string[]>;
}

export const FIELDS = ['image', 'gallery', 'photos.url', 'profile.avatar', 'thumbs'];

const definition = {
  name: String,
  rank: Number,
  image: String,
  former: String,
  gallery: [String],
  photos: [{ _id: false, name: String, url: String }],
  profile: { avatar: String },
  thumbs: { type: Map, of: String },
};

/** Fields with the values that `target` starts with; `other` has the same with `other-` before. */
export function values(prefix = ''): Record<string, unknown> {
  return {
    image: `${prefix}old.png`,
    gallery: [`${prefix}g1.png`, `${prefix}g2.png`, `${prefix}g3.png`],
    photos: [
      { name: 'front', url: `${prefix}front.png` },
      { name: 'back', url: `${prefix}back.png` },
    ],
    profile: { avatar: `${prefix}avatar.png` },
    thumbs: { small: `${prefix}small.png`, large: `${prefix}large.png` },
  };
}

/** Names of the files of `values(prefix)`, sorted. */
export function filesOf(prefix = ''): string[] {
  return [
    'avatar.png',
    'back.png',
    'front.png',
    'g1.png',
    'g2.png',
    'g3.png',
    'large.png',
    'old.png',
    'small.png',
  ].map((name) => prefix + name);
}

export async function scene(options: ImageCleanupOptions = {}): Promise<Scene> {
  const s = await testApp();
  const Album = s.model('Album', definition, { fields: FIELDS, ...options });
  await Album.init();
  const [target] = await Album.create([
    { name: 'target', rank: 1, former: 'new.png', ...values() },
    { name: 'other', rank: 2, ...values('other-') },
  ]);
  await s.uploads.put(...filesOf(), ...filesOf('other-'), 'new.png', 'new-2.png');
  return {
    s,
    Album,
    target: target as AnyDocument,
    async goneAfter(write) {
      const before = await s.uploads.names();
      await write();
      const after = new Set(await s.uploads.names());
      return before.filter((name) => !after.has(name));
    },
  };
}
