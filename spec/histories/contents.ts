import type { Change, Content, Value } from './steps.js';
import { articleOf } from './text.js';

/** How the values of one history become what documents store. */
export interface Forms {
  /** What a field stores. Uploads the file where the value is `'fresh'`, and remembers that it was named. */
  resolve(value: Value, field: string | null): Promise<unknown>;
  readonly hasObjects: boolean;
}

/** A content as whole paths, such as for `$set`. */
export async function pathsOf(content: Content, forms: Forms): Promise<Record<string, unknown>> {
  const paths: Record<string, unknown> = {};
  const { image, cover, avatar, gallery, photos, thumbs, card, body } = content;
  if (image !== undefined) paths['image'] = await forms.resolve(image, 'image');
  if (cover !== undefined) paths['cover'] = await forms.resolve(cover, 'cover');
  if (avatar !== undefined) paths['profile.avatar'] = await forms.resolve(avatar, 'profile.avatar');
  if (gallery !== undefined) paths['gallery'] = await all(gallery, 'gallery', forms);
  if (photos !== undefined)
    paths['photos'] = (await all(photos, 'photos.url', forms)).map((url) => ({ url }));
  if (thumbs !== undefined) {
    const values = await all(thumbs, 'thumbs', forms);
    paths['thumbs'] = Object.fromEntries(values.map((value, index) => [`k${String(index)}`, value]));
  }
  if (card !== undefined) paths['card'] = cardOf(await forms.resolve(card, 'card'), forms);
  if (body !== undefined) paths['body'] = articleOf(await all(body, 'body', forms));
  return paths;
}

async function all(values: readonly Value[], field: string, forms: Forms): Promise<unknown[]> {
  const found: unknown[] = [];
  for (const value of values) found.push(await forms.resolve(value, field));
  return found;
}

/** A content as a document. */
export async function documentOf(content: Content, forms: Forms): Promise<Record<string, unknown>> {
  const { 'profile.avatar': avatar, ...rest } = await pathsOf(content, forms);
  return avatar === undefined ? rest : { ...rest, profile: { avatar } };
}

/** Objects hold the bare name, as the provider that understands them does. */
function cardOf(value: unknown, { hasObjects }: Forms): unknown {
  return hasObjects && typeof value === 'string' && !value.includes('/')
    ? { public_id: value, width: 40 }
    : value;
}

export function pathOf(field: keyof Content): string {
  return field === 'avatar' ? 'profile.avatar' : field;
}

/** The update of a change, with its options. */
export async function updateOf(
  change: Change,
  forms: Forms,
): Promise<{ update: object; options?: Record<string, unknown> }> {
  if ('set' in change) return { update: { $set: { count: 1, ...(await pathsOf(change.set, forms)) } } };
  if ('unset' in change) return { update: { $unset: { [pathOf(change.unset)]: 1 } } };
  if ('pull' in change)
    return { update: { $pull: { gallery: await forms.resolve(change.pull, 'gallery') } } };
  if ('pullPhoto' in change) {
    return { update: { $pull: { photos: { url: await forms.resolve(change.pullPhoto, 'photos.url') } } } };
  }
  if ('pop' in change) return { update: { $pop: { gallery: change.pop } } };
  if ('push' in change)
    return { update: { $push: { gallery: pushed(await all(change.push, 'gallery', forms), change.slice) } } };
  if ('pushPhotos' in change) {
    const photos = (await all(change.pushPhotos, 'photos.url', forms)).map((url) => ({ url }));
    return { update: { $push: { photos: pushed(photos, change.slice) } } };
  }
  if ('addToSet' in change)
    return { update: { $addToSet: { gallery: await forms.resolve(change.addToSet, 'gallery') } } };
  if ('rename' in change) return { update: { $rename: RENAMES[change.rename] } };
  if ('arrayFilter' in change) {
    const [from, to] = await all(change.arrayFilter, 'photos.url', forms);
    return {
      update: { $set: { 'photos.$[photo].url': to } },
      options: { arrayFilters: [{ 'photo.url': from }] },
    };
  }
  if ('everyPhoto' in change) {
    return { update: { $set: { 'photos.$[].url': await forms.resolve(change.everyPhoto, 'photos.url') } } };
  }
  if ('thumb' in change)
    return { update: { $set: { 'thumbs.k0': await forms.resolve(change.thumb, 'thumbs') } } };
  if ('onInsert' in change) {
    return {
      update: { $setOnInsert: { image: await forms.resolve(change.onInsert, 'image') }, $inc: { count: 1 } },
    };
  }
  if ('pipeline' in change) {
    const literal = await forms.resolve(change.value, 'image');
    return { update: pipeline(change.pipeline, literal), options: { updatePipeline: true } };
  }
  return { update: { $inc: { count: change.count } } };
}

const RENAMES = {
  'image to cover': { image: 'cover' },
  'image away': { image: 'untracked' },
  'cover to image': { cover: 'image' },
};

function pushed(values: readonly unknown[], slice: number | undefined): object {
  return slice === undefined ? { $each: values } : { $each: values, $slice: slice };
}

function pipeline(kind: Extract<Change, { pipeline: unknown }>['pipeline'], literal: unknown): object[] {
  switch (kind) {
    case 'swap':
      return [{ $set: { image: '$cover', cover: '$image' } }];
    case 'clear':
      return [{ $set: { image: null, gallery: [] } }];
    case 'image to cover':
      return [{ $set: { cover: '$image' } }, { $unset: 'image' }];
    case 'literal':
      return [{ $set: { image: literal } }];
    case 'replaceWith':
      return [{ $replaceWith: { $mergeObjects: ['$$ROOT', { image: literal, gallery: ['$image'] }] } }];
    case 'unset':
      return [{ $unset: ['photos', 'thumbs'] }];
  }
}
