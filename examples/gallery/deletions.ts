import { readdir } from 'node:fs/promises';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import { imagesOf, type NewBinEntry } from './bin.js';
import { findAlbum, type Deed, type Shelf } from './deeds.js';
import type { StoredAlbum } from './models.js';
import { Problem } from './problems.js';
import { files } from './sentences.js';

/** Every way to delete albums. The plugin removes the files; two of the calls change how. */
export function deletions({ Album, bin, uploads }: Shelf) {
  const taken = (album: StoredAlbum): NewBinEntry => ({
    what: 'album',
    album,
    images: imagesOf(album),
  });

  return {
    async remove(id: string): Promise<Deed> {
      const album = (await findAlbum(Album, id)).toObject();
      await bin.keeping([taken(album)], () => Album.findByIdAndDelete(id));
      return {
        said: `“${album.title}” was deleted`,
        call: `await Album.findByIdAndDelete('${id}')`,
        waiting: imagesOf(album).length,
      };
    },

    /**
     * Deletes an album for good: its files, and the files that it dropped before and that still wait, are removed at
     * once.
     */
    async removeForEver(id: string): Promise<Deed> {
      const { title } = await findAlbum(Album, id);
      await Album.deleteOne({ _id: id }, { imageCleanup: { gracePeriod: 0 } });
      const earlier = (await bin.takeAllOf(id)).flatMap(({ images }) => images);
      if (earlier.length > 0) await cleanupFor(Album).removeUnused(earlier);
      return {
        said: `“${title}” was deleted permanently`,
        call: `await Album.deleteOne({ _id: '${id}' }, { imageCleanup: { gracePeriod: 0 } })`,
      };
    },

    async removeWithoutCleanup(id: string): Promise<Deed> {
      const { title } = await findAlbum(Album, id);
      await Album.deleteOne({ _id: id }, { imageCleanup: false });
      return {
        said: `“${title}” was deleted with the plugin switched off for this call, so its files stay as orphans.`,
        call: `await Album.deleteOne({ _id: '${id}' }, { imageCleanup: false })`,
      };
    },

    async removeAndRollBack(id: string): Promise<Deed> {
      const { title } = await findAlbum(Album, id);
      const before = (await readdir(uploads)).length;
      const session = await Album.db.startSession();
      try {
        session.startTransaction();
        await Album.deleteOne({ _id: id }, { session });
        const gone = before - (await readdir(uploads)).length;
        await session.abortTransaction();
        return {
          said: `“${title}” was deleted and rolled back: ${meanwhile(gone)}, and the album and its files still exist.`,
          call: `${inTransaction(id)}await session.abortTransaction()`,
        };
      } finally {
        await session.endSession();
      }
    },

    async removeAndCommit(id: string): Promise<Deed> {
      const album = (await findAlbum(Album, id)).toObject();
      const before = (await readdir(uploads)).length;
      const session = await Album.db.startSession();
      try {
        const gone = await bin.keeping([taken(album)], async () => {
          session.startTransaction();
          await Album.deleteOne({ _id: id }, { session });
          const left = (await readdir(uploads)).length;
          await session.commitTransaction();
          return before - left;
        });
        return {
          said: `“${album.title}” was deleted and committed (${meanwhile(gone)})`,
          call: `${inTransaction(id)}await session.commitTransaction()`,
          waiting: imagesOf(album).length,
        };
      } finally {
        await session.endSession();
      }
    },

    async removeByTag(tag: string): Promise<Deed> {
      const albums = await Album.find({ tag }).lean();
      if (albums.length === 0) throw new Problem(404, `No album has the tag “${tag}”.`);
      const { deletedCount } = await bin.keeping(albums.map(taken), () => Album.deleteMany({ tag }));
      return {
        said: `${deletedCount === 1 ? '1 album' : `${String(deletedCount)} albums`} with the tag “${tag}” ${deletedCount === 1 ? 'was' : 'were'} deleted`,
        call: `await Album.deleteMany({ tag: '${tag.replaceAll(/['\\]/g, '\\$&')}' })`,
        waiting: albums.flatMap(imagesOf).length,
      };
    },
  };
}

function meanwhile(gone: number): string {
  return `${gone > 0 ? files(gone) : 'no file'} left the folder before the end of the transaction`;
}

function inTransaction(id: string): string {
  return `session.startTransaction();\nawait Album.deleteOne({ _id: '${id}' }, { session });\n`;
}
