/** Files that are there when a history begins. */
export const ORDINARY = ['a.png', 'b.png', 'c.png', 'd.png', 'e.png', 'f.png'];
/** The literal default of a field, and files that the three kinds of `keep` rules protect. */
export const PROTECTED = ['default.png', 'kept.png', 'system-1.png', 'vetoed.png'];
/** Used by a document that no history touches. */
export const ANCHOR = 'anchor.png';
/** Named by documents, in no storage. */
export const MISSING = 'missing.png';
/** Values that lead out of the uploads folder, to files that must stay. */
export const OUTSIDE = ['../outside.png', 'link/outside.png'];

/** The name of the file that a stored form means; the history's own reading, which shares no code with the library. */
export function nameOf(value: string): string | undefined {
  if (!value.includes('.png')) return undefined;
  return value.replace(/\?.*$/, '').replace(/^(\/uploads\/|\.\/)/, '');
}

/** Every value that a raw document holds in a tracked field. */
export function valuesIn(document: Record<string, unknown>): [field: string, value: unknown][] {
  const found: [string, unknown][] = [];
  const note = (field: string, node: unknown): void => {
    if (Array.isArray(node)) for (const one of node) note(field, one);
    else if (node !== null && node !== undefined && node !== '') found.push([field, node]);
  };
  const { image, cover, profile, gallery, photos, thumbs, card, body } = document;
  note('image', image);
  note('cover', cover);
  note('profile.avatar', (profile as { avatar?: unknown } | undefined)?.avatar);
  note('gallery', gallery);
  for (const photo of (photos as ({ url?: unknown } | null)[] | null | undefined) ?? [])
    note('photos.url', photo?.url);
  for (const thumb of Object.values((thumbs as object | null | undefined) ?? {})) note('thumbs', thumb);
  note('card', card);
  note('body', body);
  return found;
}
