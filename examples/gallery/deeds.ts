import type { HydratedDocument } from 'mongoose';
import type { Bin } from './bin.js';
import type { Album, AlbumModel } from './models.js';
import { Problem } from './problems.js';

/** The result of an action: one sentence, and the Mongoose call that did it. */
export interface Deed {
  readonly said: string;
  readonly call: string;
  /** How many images it took from an album, whose files stay for the grace period. */
  readonly waiting?: number;
}

/** What actions need. */
export interface Shelf {
  readonly Album: AlbumModel;
  readonly bin: Bin;
  /** The folder with the images. */
  readonly uploads: string;
}

/** @throws Problem 404. */
export async function findAlbum(Album: AlbumModel, id: string): Promise<HydratedDocument<Album>> {
  const album = await Album.findById(id);
  if (!album) throw new Problem(404, 'This album does not exist.');
  return album;
}
