import { Schema, type Connection } from 'mongoose';
import { albumModel } from '../../examples/gallery/models.js';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import type { AnyDocumentModel } from './test-app.js';
import { multerResult } from './usage.js';

/** A model as real apps have it, and the documents that they store. */
export interface Realistic {
  readonly model: AnyDocumentModel;
  /** A whole document over files that `newFile` stores; it answers the name. */
  document(newFile: () => string): Record<string, unknown>;
  /** One path of it and a new value. */
  change(newFile: () => string, pick: (below: number) => number): Record<string, unknown>;
}

/** The gallery's albums; users with an avatar, a default and addresses of somebody else; products with all that a shop has. */
export async function realisticModels(
  connection: Connection,
  options: ImageCleanupOptions,
): Promise<Realistic[]> {
  const models = [albums(connection, options), users(connection, options), products(connection, options)];
  for (const { model } of models) await model.init();
  return models;
}

function albums(connection: Connection, options: ImageCleanupOptions): Realistic {
  const url = (newFile: () => string): string => `/uploads/${newFile()}`;
  return {
    // without the grace period of the demo: files go at once, as in the other models
    model: albumModel(connection, {
      ...options,
      journal: false,
      gracePeriod: 0,
    }) as unknown as AnyDocumentModel,
    document: (file) => ({
      title: 'Rome',
      cover: url(file),
      gallery: [url(file), url(file)],
      owner: { name: 'Ada', avatar: url(file) },
    }),
    change: (file, pick) =>
      [
        () => ({ cover: url(file) }),
        () => ({ gallery: [url(file), url(file), url(file)] }),
        () => ({ 'owner.avatar': url(file) }),
        () => ({ title: 'Paris' }),
      ][pick(4)]!(),
  };
}

const GRAVATAR = 'https://www.gravatar.com/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346?d=identicon';

function users(connection: Connection, options: ImageCleanupOptions): Realistic {
  const schema = new Schema(
    {
      email: { type: String, trim: true },
      avatar: { type: String, index: true, default: 'default-avatar.png' },
      lastSeen: Date,
    },
    { timestamps: true },
  );
  schema.plugin(imageCleanup, {
    fields: ['avatar'],
    ...options,
    keep: ['default-avatar.png', /^https:\/\/www\.gravatar\.com\//],
  });
  return {
    model: connection.model('User', schema) as unknown as AnyDocumentModel,
    document: (file) => ({ email: 'ada@example.com', avatar: file() }),
    change: (file, pick) =>
      [
        () => ({ avatar: file() }),
        () => ({ avatar: 'default-avatar.png' }),
        () => ({ avatar: GRAVATAR }),
        () => ({ avatar: null }),
        () => ({ lastSeen: new Date() }),
      ][pick(5)]!(),
  };
}

function products(connection: Connection, options: ImageCleanupOptions): Realistic {
  const photo = new Schema({ url: { type: String, index: true }, alt: String }, { _id: false });
  const schema = new Schema({
    name: String,
    pictures: [photo],
    thumbs: { type: Map, of: String },
    manual: {},
    price: Number,
  });
  schema.index({ 'manual.path': 1 });
  schema.plugin(imageCleanup, { fields: ['pictures.url', 'thumbs', 'manual'], ...options });
  const result = (file: () => string): object => multerResult('uploads/', file());
  const pictures = (file: () => string): object[] => [
    { url: `uploads/${file()}`, alt: 'front' },
    { url: `/uploads/${file()}` },
  ];
  return {
    model: connection.model('Product', schema) as unknown as AnyDocumentModel,
    document: (file) => ({
      name: 'chair',
      pictures: pictures(file),
      thumbs: { small: file(), large: file() },
      manual: result(file),
    }),
    change: (file, pick) =>
      [
        () => ({ pictures: pictures(file) }),
        () => ({ 'thumbs.small': file() }),
        () => ({ thumbs: { tiny: file() } }),
        () => ({ manual: result(file) }),
        () => ({ price: 5 }),
      ][pick(5)]!(),
  };
}
