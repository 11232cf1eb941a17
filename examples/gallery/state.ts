import { lstat, readdir } from 'node:fs/promises';
import path from 'node:path';
import type { Bin, Taken } from './bin.js';
import type { Fault } from './faulty-storage.js';
import { IMAGE_NAME } from './image-type.js';
import type { AlbumModel } from './models.js';
import { dueTimes } from './waiting.js';

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
  /** When the file will be removed, since nothing uses it; `null` if something does, or it is not in the journal. */
  goesAt: string | null;
  /** Whether the file would have been removed without an undo. */
  isBack: boolean;
}

/** An entry that can still be undone. */
export interface BinView {
  id: string;
  albumId: string;
  what: Taken;
  title: string;
  images: string[];
  until: string;
}

/** Everything that the page shows. `albums` is `null` while there is no connection to MongoDB. */
export interface GalleryState {
  albums: AlbumView[] | null;
  bin: BinView[];
  files: FileView[];
  fault: Fault;
  /** Milliseconds. */
  gracePeriod: number;
  /** For pages with another clock. */
  now: string;
}

export const MOST_ALBUMS = 100;

export interface StateSources {
  readonly Album: AlbumModel;
  readonly bin: Bin;
  readonly uploads: string;
  readonly fault: Fault;
}

export async function readState({ Album, bin, uploads, fault }: StateSources): Promise<GalleryState> {
  const [documents, folder] = await Promise.all([readDocuments(Album, bin), readFolder(uploads)]);
  const { albums, entries, dueAt } = documents ?? { albums: null, entries: [] };
  const back = new Set(entries.filter(({ isUndone }) => isUndone).flatMap(({ images }) => images));
  const files = folder.map((file): FileView => {
    const usedBy = usersOf(file.url, albums ?? []);
    const isUsed = usedBy.length > 0;
    const goesAt = isUsed ? null : (dueAt?.get(file.url)?.toISOString() ?? null);
    return { ...file, usedBy, goesAt, isBack: isUsed && back.has(file.url) };
  });
  return {
    albums,
    bin: entries.filter(({ isUndone }) => !isUndone).map(viewOf),
    files,
    fault,
    gracePeriod: bin.graceMs,
    now: new Date().toISOString(),
  };
}

interface Documents {
  readonly albums: AlbumView[];
  readonly entries: Awaited<ReturnType<Bin['list']>>;
  readonly dueAt: ReadonlyMap<string, Date>;
}

/** Returns `null` if there is no connection to MongoDB. */
async function readDocuments(Album: AlbumModel, bin: Bin): Promise<Documents | null> {
  if (Album.db.readyState !== 1) return null;
  try {
    const [albums, entries, dueAt] = await Promise.all([readAlbums(Album), bin.list(), dueTimes(Album)]);
    return { albums, entries, dueAt };
  } catch {
    return null;
  }
}

function viewOf({ _id, what, album, images, until }: Documents['entries'][number]): BinView {
  return {
    id: String(_id),
    albumId: String(album._id),
    what,
    title: album.title,
    images,
    until: until.toISOString(),
  };
}

async function readAlbums(Album: AlbumModel): Promise<AlbumView[]> {
  const albums = await Album.find().sort({ _id: -1 }).lean();
  return albums.map(({ _id, title, tag, cover, gallery, owner }) => ({
    id: String(_id),
    title,
    tag,
    cover: cover ?? null,
    gallery,
    owner: { name: owner.name, avatar: owner.avatar ?? null },
  }));
}

type FolderFile = Pick<FileView, 'name' | 'url' | 'size'>;

async function readFolder(folder: string): Promise<FolderFile[]> {
  const names = (await readdir(folder)).filter((name) => IMAGE_NAME.test(name)).sort();
  const files = await Promise.all(names.map((name) => readFile(folder, name)));
  return files.filter((file) => file !== null);
}

/** Returns `null` if it is not a regular file, or was removed while the folder was read. */
async function readFile(folder: string, name: string): Promise<FolderFile | null> {
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
