import { row, type Row } from './row.js';

/** The keys of a Map are paths, a number among them. */
export const MAPS: readonly Row[] = [
  row('icons', { $set: { 'icons.home': 'c.png' } }, 'drops; stores c.png'),
  row('icons', { $set: { 'icons.2024': 'c.png' } }, 'drops; stores c.png'),
  row('icons', { $set: { 'icons.away': 'c.png' } }, 'may drop; stores c.png'),
  row('icons', { $set: { icons: { home: 'a.png' } } }, 'drops; stores a.png'),
  row('icons', { $unset: { 'icons.home': 1 } }, 'drops'),
  row('icons', { $unset: { icons: 1 } }, 'drops'),
  row('icons', { $rename: { 'icons.home': 'icons.house' } }, 'may drop'),
  row('icons', { $rename: { 'icons.2024': 'year' } }, 'drops'),
  row('icons', { $setOnInsert: { 'icons.home': 'c.png' } }, 'keeps; stores c.png'),
  row('icons', { $set: { iconsOf: 'c.png' } }, 'keeps'),
];
