import type { ModelName } from './steps.js';

/** A folder below the uploads, as one provider sees it. */
export interface Served {
  /** Below the uploads; `''` is the whole of them. */
  readonly folder: string;
  /** Where it is served. */
  readonly base: string;
  readonly hosts: readonly string[];
  /** The host stands in `baseUrl`, not in `hosts`. */
  readonly isCdn?: boolean;
}

const whole: Served = { folder: '', base: '/uploads', hosts: ['example.com'] };
const cdn: Served = { folder: '', base: '/uploads', hosts: ['cdn.example.com'], isCdn: true };
const covers: Served = { folder: 'covers', base: '/covers', hosts: [] };
const pics: Served = { folder: 'pics', base: '/uploads/pics', hosts: ['example.com'] };
const barePics: Served = { folder: 'pics', base: '/pics', hosts: [] };

/** Every way in which some field is served. */
export const EVERYTHING: readonly Served[] = [whole, cdn, covers, pics, barePics];

/** The providers of one model: those of the plugin call, and of the fields that have their own. */
export interface ProvidersOfModel {
  readonly call: readonly Served[];
  readonly fields: Readonly<Record<string, readonly Served[]>>;
}

/** Several models with different providers over one folder. */
export const PROVIDERS: Readonly<Record<'Album' | 'Concert', ProvidersOfModel>> = {
  Album: { call: [whole], fields: { cover: [covers], gallery: [pics] } },
  Concert: { call: [cdn], fields: { cover: [barePics], 'photos.url': [covers, barePics] } },
};

/** Who reads a field. */
export function servedAt(model: ModelName, field: string): readonly Served[] {
  const { call, fields } = PROVIDERS[model === 'Concert' ? 'Concert' : 'Album'];
  return fields[field] ?? call;
}

/** Everything that a model's fields are read by. */
export function servedBy(model: ModelName): readonly Served[] {
  const { call, fields } = PROVIDERS[model === 'Concert' ? 'Concert' : 'Album'];
  return [...new Set([...call, ...Object.values(fields).flat()])];
}

/** Files below the uploads that are there when a history begins, names that could mean two of them among them. */
export const IN_FOLDERS = [
  ...['a.png', 'b.png', 'my pic.png', 'é(1).png', 'shot', 'shot#1.png', '50 off.png', '50%20off.png'],
  ...['covers/a.png', 'covers/my pic.png', 'covers/fold', 'covers/fold?1.png'],
  ...['pics/a.png', 'pics/b.png', "pics/it's [x].png"],
];

/** Never removed there: literal defaults in two folders, and what `keep` rules protect. */
export const PROTECTED_IN_FOLDERS = [
  ...['covers/default.png', 'pics/default.png'],
  ...['kept.png', 'system-1.png', 'vetoed.png'],
];
