import { Schema, type Connection, type HydratedDocument, type Model, type Types } from 'mongoose';
import type { StoredAlbum } from './models.js';
import { Problem } from './problems.js';

/** What an action took away: an album with all its images, or one image of it. */
export type Taken = 'album' | 'cover' | 'avatar' | 'image';

export interface BinEntry {
  what: Taken;
  /** The album as it was before. */
  album: StoredAlbum;
  /** The images that the album dropped, as it stored them. */
  images: string[];
  /** Until this time, the action can be undone, and the files stay. */
  until: Date;
  isUndone: boolean;
}

export type NewBinEntry = Omit<BinEntry, 'until' | 'isUndone'>;
export type BinModel = Model<BinEntry>;

/**
 * The bin has no plugin, so it counts as no use: the files of entries that are not restored are removed when they are
 * due.
 */
export function binModel(connection: Connection): BinModel {
  const schema = new Schema<BinEntry>({
    what: { type: String, enum: ['album', 'cover', 'avatar', 'image'], required: true },
    album: { type: Schema.Types.Mixed, required: true },
    images: [String],
    until: { type: Date, required: true, expires: 0 }, // MongoDB deletes entries that can no longer be undone
    isUndone: { type: Boolean, default: false },
  });
  return connection.model<BinEntry>('BinEntry', schema, 'bin');
}

/** Albums and images that can be restored while their files stay. */
export class Bin {
  constructor(
    private readonly entries: BinModel,
    /** The grace period of the albums' plugin; 0: nothing can be undone. */
    readonly graceMs: number,
  ) {}

  /**
   * Performs an action that takes images away. They are put into the bin first, so that no crash loses them, and are
   * taken out again if it fails.
   */
  async keeping<T>(taken: readonly NewBinEntry[], deed: () => Promise<T>): Promise<T> {
    if (this.graceMs === 0 || taken.length === 0) return deed();
    const until = new Date(Date.now() + this.graceMs);
    const kept = await this.entries.insertMany(taken.map((one) => ({ ...one, until })));
    try {
      return await deed();
    } catch (error) {
      await this.entries.deleteMany({ _id: { $in: kept.map(({ _id }) => _id) } });
      throw error;
    }
  }

  /** The entries that can still be undone, and those that were, the latest first. */
  async list(): Promise<(BinEntry & { _id: Types.ObjectId })[]> {
    return this.entries
      .find({ until: { $gt: new Date() } })
      .sort({ _id: -1 })
      .lean();
  }

  async find(id: string): Promise<HydratedDocument<BinEntry>> {
    const entry = await this.entries.findOne({ _id: id, until: { $gt: new Date() }, isUndone: false });
    if (!entry) throw new Problem(410, 'It is too late to undo this; it is no longer in the bin.');
    return entry;
  }

  /** Takes out all entries of an album. */
  async takeAllOf(albumId: string): Promise<BinEntry[]> {
    const isOfAlbum = ({ album }: BinEntry): boolean => String(album._id) === albumId;
    const found = (await this.list()).filter(isOfAlbum);
    await this.entries.deleteMany({ _id: { $in: found.map(({ _id }) => _id) } });
    return found;
  }
}

/** Every image of an album, as it stores them. */
export function imagesOf({ cover, gallery, owner }: StoredAlbum): string[] {
  return [cover, ...gallery, owner.avatar].filter((image) => image !== undefined);
}
