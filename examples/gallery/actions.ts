// In your app: from 'mongoose-image-cleanup'.
import { cleanupFor } from '../../lib/index.js';
import { findAlbum, type Deed, type Shelf } from './deeds.js';
import { Problem } from './problems.js';
import { files } from './sentences.js';
import { MOST_ALBUMS } from './state.js';
import type { Received } from './uploads.js';

export interface AlbumTexts {
  title?: string | undefined;
  tag?: string | undefined;
  owner?: string | undefined;
}

/** All actions on albums, except for deletions. None of them removes a file; the plugin does. */
export function albumActions({ Album, bin }: Shelf) {
  const find = (id: string) => findAlbum(Album, id);

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
        said: `“${album.title}” was created with ${files(images.length + (avatar ? 1 : 0))}.`,
        call: `await Album.create({ title, tag, cover, gallery, owner })`,
      };
    },

    async replaceCover(id: string, image: string | undefined): Promise<Deed> {
      if (image === undefined) throw new Problem(400, 'Choose an image.');
      const album = await find(id);
      const old = album.cover;
      const taken = { what: 'cover' as const, album: album.toObject(), images: old ? [old] : [] };
      await bin.keeping(old ? [taken] : [], async () => {
        album.cover = image;
        await album.save();
      });
      return {
        said: `“${album.title}” has a new cover`,
        call: `album.cover = '${image}';\nawait album.save()`,
        waiting: taken.images.length,
      };
    },

    async replaceAvatar(id: string, avatar: string | undefined): Promise<Deed> {
      if (avatar === undefined) throw new Problem(400, 'Choose an image.');
      const album = (await find(id)).toObject();
      const old = album.owner.avatar;
      const taken = { what: 'avatar' as const, album, images: old ? [old] : [] };
      await bin.keeping(old ? [taken] : [], () =>
        Album.updateOne({ _id: id }, { $set: { 'owner.avatar': avatar } }),
      );
      return {
        said: `The owner of “${album.title}” has a new avatar`,
        call: `await Album.updateOne({ _id }, { $set: { 'owner.avatar': '${avatar}' } })`,
        waiting: taken.images.length,
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
      const album = (await find(id)).toObject();
      if (!album.gallery.includes(image)) throw new Problem(404, 'The album does not contain this image.');
      await bin.keeping([{ what: 'image', album, images: [image] }], () =>
        Album.updateOne({ _id: id }, { $pull: { gallery: image } }),
      );
      return {
        said: `One image was removed from “${album.title}”`,
        call: `await Album.updateOne({ _id }, { $pull: { gallery: '${image}' } })`,
        waiting: 1,
      };
    },

    /** A client may send any strings, so only another order of the same images is accepted. */
    async reorder(id: string, images: string[]): Promise<Deed> {
      const album = await find(id);
      if ([...images].sort().join('\n') !== [...album.gallery].sort().join('\n')) {
        throw new Problem(
          409,
          'These are not the current images of the album. Check the album and try again.',
        );
      }
      album.gallery = images;
      await album.save();
      return {
        said: `The gallery of “${album.title}” has a new order`,
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
        said: `The cover of “${album.title}” is now also in the gallery of “${other.title}”, as the same file.`,
        call: `other.gallery.push('${cover}');\nawait other.save()`,
      };
    },

    /**
     * For a visitor who uploads images and leaves before a document is saved. The images were announced before they
     * were stored.
     */
    uploadOnly(images: readonly string[]): Deed {
      if (images.length === 0) throw new Problem(400, 'Choose an image.');
      const list = images.map((image) => `'${image}'`).join(', ');
      return {
        said: 'The upload was stored, but its form is not sent',
        call: `await cleanupFor(Album).removeUnused([${list}], { after: ${String(bin.graceMs)} });\n// and then the upload is stored`,
        waiting: images.length,
      };
    },

    /** For changes that hooks cannot see. A file that is in use is not removed by this call either. */
    async removeUnused(url: string): Promise<Deed> {
      await cleanupFor(Album).removeUnused([url]);
      return {
        said: `The library was asked to remove ${url} if nothing uses it`,
        call: `await cleanupFor(Album).removeUnused(['${url}'])`,
      };
    },
  };
}
