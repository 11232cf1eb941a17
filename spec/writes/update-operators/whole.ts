import { row, type Row } from './row.js';

/** Replacements, empty updates, and pipelines. */
export const WHOLE: readonly Row[] = [
  row('image', {}, 'drops; stores'),
  row('image', { title: 'two' }, 'drops; stores two'),
  row('image', { image: 'a.png', title: 'two' }, 'may drop; stores a.png two'),
  row('photos.url', { photos: [{ url: 'b.png' }] }, 'drops; stores b.png'),
  row('image', { $set: {} }, 'keeps'),
  row('image', [{ $set: { title: 'two' } }], 'keeps; stores two'),
  row('image', [{ $set: { image: 'b.png' } }], 'drops; stores b.png'),
  row('image', [{ $addFields: { image: '$title' } }], 'drops; stores $title'),
  row('image', [{ $set: { title: '$image' } }, { $unset: 'image' }], 'drops; stores $image image'),
  row('image', [{ $unset: ['title', 'other'] }], 'keeps; stores title other'),
  row('profile.avatar', [{ $unset: 'profile' }], 'drops; stores profile'),
  row('profile.avatar', [{ $set: { 'profile.name': 'm' } }], 'keeps; stores m'),
  row('image', [{ $project: { title: 1 } }], 'drops; stores'),
  row('image', [{ $project: { image: 1 } }], 'may drop; stores'),
  row('image', [{ $replaceWith: { title: 'two' } }], 'drops; stores two'),
  row('image', [{ $replaceRoot: { newRoot: { title: '$image' } } }], 'drops; stores $image'),
  row('image', [{ $unheardOf: { title: 1 } }], 'may drop; stores; refused'),
];
