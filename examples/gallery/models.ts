import { Schema, type Connection, type Model, type Types } from 'mongoose';
// In your app: from 'mongoose-image-cleanup'.
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';

/** The paths at which documents store images: each of these is a file in the uploads folder. */
export interface Album {
  title: string;
  tag: string;
  /** Such as `/uploads/amber-otter-1f2e3d4c.png`. */
  cover?: string;
  gallery: string[];
  owner: { name: string; avatar?: string };
}

export type AlbumModel = Model<Album>;

/** An album as MongoDB stores it. */
export type StoredAlbum = Album & { _id: Types.ObjectId };

export const MOST_IMAGES = 12;

/**
 * How long a dropped file stays, in milliseconds. An app would use `'7d'`. The demo uses a time that is short enough to
 * watch.
 */
export const GRACE_PERIOD = 20_000;

/** The only model of the app. `cleanup` has the provider of the files, and the listener for events. */
export function albumModel(connection: Connection, cleanup: ImageCleanupOptions): AlbumModel {
  const ownerSchema = new Schema<Album['owner']>(
    {
      name: { type: String, trim: true, maxlength: 60, default: 'Nobody' },
      avatar: { type: String, index: true },
    },
    { _id: false },
  );

  const albumSchema = new Schema<Album>(
    {
      title: { type: String, trim: true, required: [true, 'Give the album a title.'], maxlength: 80 },
      tag: { type: String, trim: true, maxlength: 30, default: '' },
      cover: { type: String, index: true },
      gallery: {
        type: [String],
        index: true,
        validate: [fitsInAnAlbum, `An album holds at most ${String(MOST_IMAGES)} images.`],
      },
      owner: { type: ownerSchema, default: () => ({}) },
    },
    { timestamps: true, optimisticConcurrency: true },
  );

  // This call is all that the files need.
  albumSchema.plugin(imageCleanup, {
    fields: ['cover', 'gallery', 'owner.avatar'],
    journal: true,
    gracePeriod: GRACE_PERIOD,
    ...cleanup,
  });

  return connection.model<Album>('Album', albumSchema);
}

function fitsInAnAlbum(images: string[]): boolean {
  return images.length <= MOST_IMAGES;
}
