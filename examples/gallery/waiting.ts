import type { AlbumModel } from './models.js';

/** When the files in the journal are due, by the values that documents stored: `/uploads/amber-otter-1f2e3d4c.png`. */
export async function dueTimes(Album: AlbumModel): Promise<Map<string, Date>> {
  const waiting = Album.db
    .collection<Waiting>('imagecleanupintents')
    .find({ dueAt: { $type: 'date' }, graceMs: { $gt: 0 } })
    .sort({ dueAt: 1 });
  const times = new Map<string, Date>();
  for await (const { values, dueAt, claim } of waiting) {
    // a worker has taken it, so its files are removed now
    for (const { value } of values) times.set(value, claim === undefined ? dueAt : new Date());
  }
  return times;
}

interface Waiting {
  readonly values: readonly { readonly value: string }[];
  readonly dueAt: Date;
  /** The worker that has taken it. */
  readonly claim?: string;
}
