import type { Connection, Mongoose } from 'mongoose';
import {
  imageCleanup,
  localProvider,
  type ImageCleanupOptions,
  type StorageProvider,
} from '../../lib/index.js';
import { PROVIDERS, type Served } from './folders.js';

const FIELDS = ['image', 'cover', 'profile.avatar', 'gallery', 'photos.url', 'thumbs', 'card'];
const TEXT = { path: 'body', in: 'html' as const };

/** What a model of the world has of its own: its providers. */
type Own = Pick<ImageCleanupOptions, 'provider' | 'fields'>;

/** `root`: the folder over which the models have different providers; without it they share the one of the options. */
export function defineModels(
  mongoose: Mongoose,
  connection: Connection,
  {
    options,
    root,
    own = {},
  }: {
    options: ImageCleanupOptions;
    root: string | undefined;
    own?: Readonly<Record<string, ImageCleanupOptions>>;
  },
): void {
  const { Schema } = mongoose;
  for (const name of ['Album', 'Concert'] as const) {
    const schema = new Schema(definition(mongoose), {
      collection: `${name.toLowerCase()}s`,
      autoIndex: false,
    });
    schema.plugin(imageCleanup, {
      ...options,
      ...(root === undefined ? { fields: [...FIELDS, TEXT] } : ownOf(name, root)),
      ...own[name],
    });
    connection.model(name, schema);
  }
  connection.model('Album').discriminator('Live', new Schema({ venue: String }));
  const anchor = new Schema({ image: String }, { collection: 'anchors', autoIndex: false });
  anchor.plugin(imageCleanup, { ...options, fields: ['image'] });
  connection.model('Anchor', anchor);
}

function definition({ Schema }: Mongoose) {
  return {
    group: { type: Number, default: 0 },
    count: Number,
    image: String,
    cover: { type: String, default: 'default.png' },
    profile: { avatar: String },
    gallery: { type: [String], default: undefined },
    photos: { type: [new Schema({ url: String }, { _id: false })], default: undefined },
    thumbs: { type: Map, of: String },
    card: Schema.Types.Mixed,
    body: String,
    untracked: String,
  };
}

function ownOf(model: 'Album' | 'Concert', root: string): Own {
  const { call, fields } = PROVIDERS[model];
  return {
    provider: call.map((served) => providerOf(served, root)),
    fields: [
      ...FIELDS.map((path) => {
        const own = fields[path];
        return own ? { path, provider: own.map((served) => providerOf(served, root)) } : path;
      }),
      TEXT,
    ],
  };
}

export function providerOf({ folder, base, hosts, isCdn }: Served, root: string): StorageProvider {
  const where = folder === '' ? root : `${root}/${folder}`;
  return isCdn
    ? localProvider({ root: where, baseUrl: `https://${hosts[0]!}${base}` })
    : localProvider({ root: where, baseUrl: base, hosts: [...hosts] });
}
