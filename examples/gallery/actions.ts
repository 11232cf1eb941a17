import type { HydratedDocument } from 'mongoose';
import { readdir } from 'node:fs/promises';
// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import type { Album, AlbumModel } from './models.js';
import { Problem } from './problems.js';
import { files } from './sentences.js';
import { MOST_ALBUMS } from './state.js';
import type { Received } from './uploads.js';

/** What an action says for itself: one sentence, and the Mongoose call that did it. */
export interface Deed {
  readonly said: string;
  readonly call: string;
}

export interface AlbumTexts {
  title?: string | undefined;
  tag?: string | undefined;
  owner?: string | undefined;
}

/** Everything that can be done to albums. None of it mentions a file's removal: that is the plugin's part. */
export function albumActions(Album: AlbumModel, uploads: string) {
  const find = async (id: string): Promise<HydratedDocument<Album>> => {
    const album = await Album.findById(id);
    if (!album) throw new Problem(404, 'There is no such album (any more).');
    return album;
  };

  return {
    async create({ title, tag, owner }: AlbumTexts, { images, avatar }: Received): Promise<Deed> {
      if ((await Album.countDocuments()) >= MOST_ALBUMS) {
        throw new Problem(409, `The demo holds at most ${String(MOST_ALBUMS)} albums. Delete one first.`);
      }
      const [cover, ...gallery] = images;
      const album = await Album.create({
        title,
        tag,
        cover,
        gallery,
        owner: { name: owner || undefined, avatar },
      });
      return {
        said: `“${album.title}” is created with ${files(images.length + (avatar ? 1 : 0))}.`,
        call: `await Album.create({ title, tag, cover, gallery, owner })`,
      };
    },

    async replaceCover(id: string, { images: [image] }: Received): Promise<Deed> {
      if (!image) throw new Problem(400, 'Choose an image.');
      const album = await find(id);
      album.cover = image;
      await album.save();
      return {
        said: `“${album.title}” has a new cover`,
        call: `album.cover = '${image}';\nawait album.save()`,
      };
    },

    async replaceAvatar(id: string, { avatar }: Received): Promise<Deed> {
      if (!avatar) throw new Problem(400, 'Choose an image.');
      const { title } = await find(id);
      await Album.updateOne({ _id: id }, { $set: { 'owner.avatar': avatar } });
      return {
        said: `The owner of “${title}” has a new avatar`,
        call: `await Album.updateOne({ _id }, { $set: { 'owner.avatar': '${avatar}' } })`,
      };
    },

    async addImages(id: string, { images }: Received): Promise<Deed> {
      if (images.length === 0) throw new Problem(400, 'Choose an image.');
      const album = await find(id);
      album.gallery.push(...images);
      await album.save();
      return {
        said: `${files(images.length)} added to “${album.title}”.`,
        call: `album.gallery.push(${images.map((image) => `'${image}'`).join(', ')});\nawait album.save()`,
      };
    },

    async removeImage(id: string, image: string): Promise<Deed> {
      const album = await find(id);
      if (!album.gallery.includes(image))
        throw new Problem(404, 'This image is not in the album (any more).');
      await Album.updateOne({ _id: id }, { $pull: { gallery: image } });
      return {
        said: `One image is taken out of “${album.title}”`,
        call: `await Album.updateOne({ _id }, { $pull: { gallery: '${image}' } })`,
      };
    },

    /** A client may send any strings, so only another order of the same images is taken. */
    async reorder(id: string, images: string[]): Promise<Deed> {
      const album = await find(id);
      if ([...images].sort().join('\n') !== [...album.gallery].sort().join('\n')) {
        throw new Problem(409, 'These are not the images of the album. Look at it and try again.');
      }
      album.gallery = images;
      await album.save();
      return {
        said: `The gallery of “${album.title}” has another order`,
        call: `album.gallery = [/* the same images in another order */];\nawait album.save()`,
      };
    },

    async shareCover(id: string, withId: string): Promise<Deed> {
      const [album, other] = [await find(id), await find(withId)];
      const { cover } = album;
      if (cover === undefined) throw new Problem(400, 'This album has no cover to share.');
      if (id === withId) throw new Problem(400, 'Choose another album to share the cover with.');
      if (!other.gallery.includes(cover)) other.gallery.push(cover);
      await other.save();
      return {
        said: `The cover of “${album.title}” is now in the gallery of “${other.title}” too, as the same file.`,
        call: `other.gallery.push('${cover}');\nawait other.save()`,
      };
    },

    async remove(id: string): Promise<Deed> {
      const { title } = await find(id);
      await Album.findByIdAndDelete(id);
      return { said: `“${title}” is deleted`, call: `await Album.findByIdAndDelete('${id}')` };
    },

    async removeWithoutCleanup(id: string): Promise<Deed> {
      const { title } = await find(id);
      await Album.deleteOne({ _id: id }, { imageCleanup: false });
      return {
        said: `“${title}” is deleted with the plugin switched off for this call, so its files stay as orphans.`,
        call: `await Album.deleteOne({ _id: '${id}' }, { imageCleanup: false })`,
      };
    },

    async removeInTransaction(id: string, end: 'commit' | 'rollback'): Promise<Deed> {
      const { title } = await find(id);
      const before = (await readdir(uploads)).length;
      const session = await Album.db.startSession();
      try {
        session.startTransaction();
        await Album.deleteOne({ _id: id }, { session });
        const gone = before - (await readdir(uploads)).length;
        const meanwhile = `inside the transaction ${gone > 0 ? files(gone) : 'no file'} left the folder`;
        const code = `session.startTransaction();\nawait Album.deleteOne({ _id: '${id}' }, { session });\n`;
        if (end === 'rollback') {
          await session.abortTransaction();
          return {
            said: `“${title}” was deleted and rolled back: ${meanwhile}, and album and files are still here.`,
            call: `${code}await session.abortTransaction()`,
          };
        }
        await session.commitTransaction();
        return {
          said: `“${title}” is deleted (${meanwhile}); then came the commit`,
          call: `${code}await session.commitTransaction()`,
        };
      } finally {
        await session.endSession();
      }
    },

    async removeByTag(tag: string): Promise<Deed> {
      const { deletedCount } = await Album.deleteMany({ tag });
      if (deletedCount === 0) throw new Problem(404, `No album has the tag “${tag}”.`);
      return {
        said: `${deletedCount === 1 ? '1 album' : `${String(deletedCount)} albums`} with the tag “${tag}” deleted`,
        call: `await Album.deleteMany({ tag: '${tag.replaceAll(/['\\]/g, '\\$&')}' })`,
      };
    },

    /** For what hooks could not see. A file that is in use is safe from this as well. */
    async removeUnused(url: string): Promise<Deed> {
      await cleanupFor(Album).removeUnused([url]);
      return {
        said: `The library was asked to remove ${url} if nothing uses it`,
        call: `await cleanupFor(Album).removeUnused(['${url}'])`,
      };
    },
  };
}
