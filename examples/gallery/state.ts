import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Fault } from './faulty-storage.js';
import { IMAGE_NAME } from './image-type.js';
import type { AlbumModel } from './models.js';

export interface AlbumView {
  id: string;
  title: string;
  tag: string;
  cover: string | null;
  gallery: string[];
  owner: { name: string; avatar: string | null };
}

export interface FileView {
  name: string;
  url: string;
  /** Bytes. */
  size: number;
  usedBy: { title: string; as: 'cover' | 'gallery' | 'avatar' }[];
}

/** All that the page shows. `albums` is `null` while there is no MongoDB. */
export interface GalleryState {
  albums: AlbumView[] | null;
  files: FileView[];
  fault: Fault;
}

export const MOST_ALBUMS = 100;

export async function readState(Album: AlbumModel, uploads: string, fault: Fault): Promise<GalleryState> {
  const [albums, files] = await Promise.all([readAlbums(Album), readFolder(uploads)]);
  return {
    albums,
    files: files.map((file) => ({ ...file, usedBy: usersOf(file.url, albums ?? []) })),
    fault,
  };
}

async function readAlbums(Album: AlbumModel): Promise<AlbumView[] | null> {
  if (Album.db.readyState !== 1) return null;
  try {
    const albums = await Album.find().sort({ _id: -1 }).lean();
    return albums.map(({ _id, title, tag, cover, gallery, owner }) => ({
      id: String(_id),
      title,
      tag,
      cover: cover ?? null,
      gallery,
      owner: { name: owner.name, avatar: owner.avatar ?? null },
    }));
  } catch {
    return null;
  }
}

async function readFolder(folder: string): Promise<Omit<FileView, 'usedBy'>[]> {
  const names = (await readdir(folder)).filter((name) => IMAGE_NAME.test(name)).sort();
  const files = await Promise.all(names.map((name) => readFile(folder, name)));
  return files.filter((file) => file !== null);
}

/** `null` for what is no plain file, or has left while the folder was read. */
async function readFile(folder: string, name: string): Promise<Omit<FileView, 'usedBy'> | null> {
  try {
    const stat = await lstat(path.join(folder, name));
    return stat.isFile() ? { name, url: `/uploads/${name}`, size: stat.size } : null;
  } catch {
    return null;
  }
}

function usersOf(url: string, albums: readonly AlbumView[]): FileView['usedBy'] {
  return albums.flatMap(({ title, cover, gallery, owner }) => [
    ...(cover === url ? [{ title, as: 'cover' as const }] : []),
    ...(gallery.includes(url) ? [{ title, as: 'gallery' as const }] : []),
    ...(owner.avatar === url ? [{ title, as: 'avatar' as const }] : []),
  ]);
}
