// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import type { BinEntry } from './bin.js';
import { findAlbum, type Deed, type Shelf } from './deeds.js';
import type { albumActions } from './actions.js';
import { files } from './sentences.js';

/** What can be done with entries of the bin. An undo needs no call of the library: a file that is used again is kept. */
export function undoActions({ Album, bin }: Shelf, albums: ReturnType<typeof albumActions>) {
  /** Stores the same values again. */
  const restore = async ({ what, album, images }: BinEntry): Promise<Deed> => {
    const id = String(album._id);
    const [image] = images;
    if (what === 'album') {
      await Album.create(album);
      return {
        said: `“${album.title}” was restored with ${files(images.length)}: a document uses them again, so they stay.`,
        call: `await Album.create(deletedAlbum) // the same values as before`,
      };
    }
    if (what === 'cover') return albums.replaceCover(id, image);
    if (what === 'avatar') return albums.replaceAvatar(id, image);
    const present = await findAlbum(Album, id);
    present.gallery.splice(album.gallery.indexOf(image!), 0, image!);
    await present.save();
    return {
      said: `The image was restored in “${album.title}”: a document uses it again, so it stays.`,
      call: `album.gallery.splice(${String(album.gallery.indexOf(image!))}, 0, '${image!}');\nawait album.save()`,
    };
  };

  return {
    async undo(id: string): Promise<Deed> {
      const entry = await bin.find(id);
      const deed = await restore(entry.toObject());
      entry.isUndone = true;
      await entry.save();
      return deed;
    },

    /** Removes the files of an entry at once. A file that is used elsewhere is kept. */
    async removeNow(id: string): Promise<Deed> {
      const entry = await bin.find(id);
      await cleanupFor(Album).removeUnused(entry.images);
      await entry.deleteOne();
      const list = entry.images.map((image) => `'${image}'`).join(', ');
      return {
        said: `The bin entry of “${entry.album.title}” was emptied`,
        call: `await cleanupFor(Album).removeUnused([${list}])`,
      };
    },
  };
}
