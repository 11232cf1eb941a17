import type { Document } from './values.js';
import { isDocument, optionalNumber } from './values.js';
import { CommandError } from './errors.js';
import { leftOut } from './match.js';

export interface Collation {
  compare(a: string, b: string): number;
  /** A text that two strings share when they are equal under the collation. */
  key(text: string): string;
}

/** What is shown of a collation, and can't be changed here. */
const DEFAULTS: Document = {
  caseLevel: false,
  caseFirst: 'off',
  strength: 3,
  numericOrdering: false,
  alternate: 'non-ignorable',
  maxVariable: 'punct',
  normalization: false,
  backwards: false,
  version: '57.1',
};

const known = new Map<string, Collation>();

/** Nothing stands for the simple collation, which compares bytes. The same object is given for equal specifications. */
export function collationOf(spec: unknown): Collation | undefined {
  if (spec === undefined || spec === null) return undefined;
  if (!isDocument(spec))
    throw new CommandError(14, "BSON field 'collation' is the wrong type, expected type 'object'");
  const full = expandCollation(spec);
  if (full['locale'] === 'simple') return undefined;
  const name = JSON.stringify(full);
  let collation = known.get(name);
  if (!collation) known.set(name, (collation = build(full)));
  return collation;
}

/** All fields of a collation, as listIndexes and listCollections show them. */
export function expandCollation(spec: Document): Document {
  for (const field of Object.keys(spec)) {
    if (field === 'locale' || field === 'strength') continue;
    if (!(field in DEFAULTS))
      throw new CommandError(40415, `BSON field 'collation.${field}' is an unknown field.`);
    if (spec[field] !== DEFAULTS[field]) throw leftOut(`collation.${field}`);
  }
  if (typeof spec['locale'] !== 'string') {
    throw new CommandError(40414, "BSON field 'collation.locale' is missing but a required field");
  }
  if (spec['locale'] === 'simple') return { locale: 'simple' };
  return { locale: spec['locale'], ...DEFAULTS, strength: optionalNumber(spec['strength']) ?? 3 };
}

const SENSITIVITIES: Record<number, 'base' | 'accent'> = { 1: 'base', 2: 'accent' };

function build(spec: Document): Collation {
  const [language = ''] = String(spec['locale']).replaceAll('_', '-').split('@');
  const sensitivity = SENSITIVITIES[Number(spec['strength'])] ?? 'variant';
  let collator: Intl.Collator;
  try {
    collator = new Intl.Collator(language, { sensitivity });
  } catch {
    throw new CommandError(2, `Field 'locale' is invalid in: { locale: "${language}" }`);
  }
  return {
    compare: (a, b) => collator.compare(a, b),
    key(text) {
      let key = text.normalize('NFKD');
      if (sensitivity === 'base') key = key.replace(/\p{M}/gu, '');
      // Upper case first: it also makes "ß" and "ss" one, as ICU does below strength 3.
      return sensitivity === 'variant' ? key : key.toUpperCase().toLowerCase();
    },
  };
}
