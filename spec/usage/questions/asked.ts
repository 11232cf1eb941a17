import type { SchemaDefinition } from 'mongoose';
import type { ImageCleanupOptions, StorageProvider } from '../../../lib/index.js';
import { watchCommands } from '../../support/database.js';
import type { TestApp } from '../../support/test-app.js';
import { insertRaw } from '../../support/usage.js';

/** A field, and what a document stores in it for a value. */
export interface Shape {
  readonly definition: SchemaDefinition;
  readonly fields: NonNullable<ImageCleanupOptions['fields']>;
  stored(value: unknown): object;
}

const page = (value: unknown): string => `<img src="${String(value)}">`;

export const SHAPES = {
  string: { definition: { image: String }, fields: ['image'], stored: (image) => ({ image }) },
  strings: { definition: { gallery: [String] }, fields: ['gallery'], stored: (one) => ({ gallery: [one] }) },
  'sub-documents': {
    definition: { photos: [{ url: String, text: String }] },
    fields: ['photos.url'],
    stored: (url) => ({ photos: [{ url }] }),
  },
  'whole sub-documents': {
    definition: { photos: [{ url: String, text: String }] },
    fields: ['photos'],
    stored: (one) => ({ photos: [one] }),
  },
  Map: {
    definition: { icons: { type: Map, of: String } },
    fields: ['icons'],
    stored: (home) => ({ icons: { home } }),
  },
  Mixed: { definition: { any: {} }, fields: ['any'], stored: (any) => ({ any }) },
  'nested arrays': {
    definition: { rows: [[String]] },
    fields: ['rows'],
    stored: (one) => ({ rows: [[one]] }),
  },
  html: {
    definition: { body: String },
    fields: [{ path: 'body', in: 'html' }],
    stored: (value) => ({ body: page(value) }),
  },
  'html beside an array': {
    definition: { body: String, images: { type: [String], index: true } },
    fields: [{ path: 'body', in: 'html', index: 'images' }],
    stored: (value) => ({ body: page(value), images: [value] }),
  },
} satisfies Record<string, Shape>;

/** A provider that reads values and says forms, but never looks into its storage. */
export function blind(provider: StorageProvider): StorageProvider {
  const { name, kind } = provider;
  return {
    name,
    ...(kind !== undefined && { kind }),
    identify: (value) => provider.identify(value),
    forms: (asset) => provider.forms(asset),
    remove: (assets) => Promise.resolve(assets.map(() => ({ outcome: 'removed' as const }))),
  };
}

export interface Question {
  readonly shape: Shape;
  readonly provider: StorageProvider;
  /** What a document held that is deleted. */
  readonly value: unknown;
  /** Above the limit of mentions, only what an index serves is asked for. */
  readonly isLarge: boolean;
}

/** The conditions of the question that `deleteMany` asks, as the driver sends them. */
export async function conditionsOf(
  app: TestApp,
  { shape, provider, value, isLarge }: Question,
): Promise<Record<string, unknown>[]> {
  const { definition, fields, stored } = shape;
  const limit = isLarge ? { mentionsUpTo: 0 } : {};
  const Album = app.model('Album', definition, { fields, provider: blind(provider), ...limit });
  await Album.init();
  await insertRaw(Album, stored(value), { title: 'another' });
  const commands = watchCommands(app.connection);
  await Album.deleteMany({ title: { $exists: false } });
  await app.outcomes();
  // behind the look-up; a text beside an array is compared with it by samples, which have no conditions
  const [, ...questions] = commands.of('find').filter(({ find }) => find === Album.collection.name);
  return questions.flatMap(({ filter }) => (filter as { $or?: Record<string, unknown>[] }).$or ?? []);
}

/** An expression, whatever class it is sent as. */
export interface Expression {
  readonly source: string;
  readonly flags: string;
}

function expression(value: unknown): Expression | undefined {
  if (value instanceof RegExp) return value;
  const { _bsontype: type, pattern, options } = value as Record<string, string | undefined>;
  return type === 'BSONRegExp' ? { source: pattern ?? '', flags: options ?? '' } : undefined;
}

export function expressionsIn(value: unknown): Expression[] {
  if (value === null || typeof value !== 'object') return [];
  const found = expression(value);
  if (found) return [found];
  return '_bsontype' in value ? [] : Object.values(value).flatMap(expressionsIn);
}

/** `image in a.png /^b/`: conditions in short. */
export function printed(condition: unknown): string {
  if (Array.isArray(condition)) return condition.map(printed).join(' ');
  if (typeof condition === 'string') return condition === '' ? "''" : condition;
  if (typeof condition !== 'object' || condition === null) return String(condition);
  const found = expression(condition);
  if (found) return short(found);
  if ('_bsontype' in condition) return String(condition);
  return Object.entries(condition)
    .map(([name, value]) => `${name.replace(/^\$/, '')} ${printed(value)}`)
    .join(' ');
}

/** The long end of an address, and the list of needless escapes, by a name. */
function short({ source, flags }: Expression): string {
  const isOfEscapes = source.startsWith('%(?:');
  const shown = isOfEscapes ? '<needless escape>' : source.replace('([?#][\\s\\S]*)?$', '<end or query>');
  return `/${shown}/${flags}`;
}
