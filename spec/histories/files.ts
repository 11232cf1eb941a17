import type { Content, Value } from './steps.js';

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

/** Every name that a raw document uses in a tracked field. */
export function namesIn(document: Record<string, unknown>): Set<string> {
  const names = new Set<string>();
  const walk = (node: unknown): void => {
    if (typeof node === 'string') {
      const name = nameOf(node);
      if (name !== undefined) names.add(name);
    } else if (typeof node === 'object' && node !== null) Object.values(node).forEach(walk);
  };
  for (const [field, value] of Object.entries(document)) {
    if (!['_id', 'group', 'count', 'untracked'].includes(field)) walk(value);
  }
  return names;
}

export function valuesOf(content: Content): Value[] {
  return Object.values(content).flat() as Value[];
}
