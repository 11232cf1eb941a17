import { Schema, type Connection, type Model } from 'mongoose';
import { imageCleanup, localProvider, type ImageCleanupOptions } from '../../../lib/index.js';

export interface Album {
  owner: string;
  place: number;
  image?: string | null;
  gallery?: string[];
}

/** The models of all processes of an episode. */
export interface App {
  readonly Album: Model<Album>;
  /** Its files stay an hour. */
  readonly Archive: Model<Album>;
  /** Files that wait until an album gets them: whenever a process is killed, a document has them. */
  readonly Stock: Model<{ owner: string; image: string }>;
}

export const OPEN_COLLECTIONS = ['albums', 'archives', 'stocks'] as const;

/** Made from each upload, after it. */
export function thumbOf(file: string): string {
  return `thumbs/${file}`;
}

export function appOn(
  connection: Connection,
  root: string,
  removal: NonNullable<ImageCleanupOptions['removal']> = 'wait',
): App {
  const options: ImageCleanupOptions = {
    provider: localProvider({ root, derived: (name) => [thumbOf(name)] }),
    removal,
    journal: true,
    logger: { warn: () => undefined, error: () => undefined },
  };
  const album = { owner: String, place: Number, image: String, gallery: [String] };
  const of = (collection: string, definition: object, own: ImageCleanupOptions): Schema => {
    const schema = new Schema(definition, { collection, autoIndex: false });
    schema.plugin(imageCleanup, { ...options, ...own });
    return schema;
  };
  const fields = ['image', 'gallery'];
  connection.model('Album', of('albums', album, { fields }));
  connection.model('Archive', of('archives', album, { fields, gracePeriod: '1h' }));
  connection.model('Stock', of('stocks', { owner: String, image: String }, { fields: ['image'] }));
  return connection.models as unknown as App;
}
