import type { Document } from './values.js';
import { isDocument, optionalNumber } from './values.js';
import { CommandError } from './errors.js';

export interface Collation {
  compare(a: string, b: string): number;
  /** A text that two strings share when they are equal under the collation. */
  key(text: string): string;
}

const FIELDS = [
  'locale',
  'strength',
  'caseLevel',
  'caseFirst',
  'numericOrdering',
  'alternate',
  'maxVariable',
  'backwards',
  'normalization',
  'version',
];

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
    if (!FIELDS.includes(field)) {
      throw new CommandError(40415, `BSON field 'collation.${field}' is an unknown field.`);
    }
  }
  if (typeof spec['locale'] !== 'string') {
    throw new CommandError(40414, "BSON field 'collation.locale' is missing but a required field");
  }
  if (spec['locale'] === 'simple') return { locale: 'simple' };
  return {
    locale: spec['locale'],
    caseLevel: spec['caseLevel'] ?? false,
    caseFirst: spec['caseFirst'] ?? 'off',
    strength: optionalNumber(spec['strength']) ?? 3,
    numericOrdering: spec['numericOrdering'] ?? false,
    alternate: spec['alternate'] ?? 'non-ignorable',
    maxVariable: spec['maxVariable'] ?? 'punct',
    normalization: spec['normalization'] ?? false,
    backwards: spec['backwards'] ?? false,
    version: '57.1',
  };
}

function build(spec: Document): Collation {
  const strength = Number(spec['strength']);
  const caseFirst =
    spec['caseFirst'] === 'upper' || spec['caseFirst'] === 'lower' ? spec['caseFirst'] : 'false';
  const [language = ''] = String(spec['locale']).replaceAll('_', '-').split('@');
  const sensitivity = sensitivityOf(strength, spec['caseLevel'] === true);
  const numeric = spec['numericOrdering'] === true;
  let collator: Intl.Collator;
  try {
    const ignorePunctuation = spec['alternate'] === 'shifted';
    collator = new Intl.Collator(language, { sensitivity, numeric, caseFirst, ignorePunctuation });
  } catch {
    throw new CommandError(2, `Field 'locale' is invalid in: { locale: "${language}" }`);
  }
  return {
    compare: (a, b) => collator.compare(a, b),
    key(text) {
      let key = text.normalize('NFKD');
      if (sensitivity === 'base' || sensitivity === 'case') key = key.replace(/\p{M}/gu, '');
      // Upper case first: it also makes "ß" and "ss" one, as ICU does below strength 3.
      if (sensitivity === 'base' || sensitivity === 'accent') key = key.toUpperCase().toLowerCase();
      return numeric ? key.replace(/\d+/g, (digits) => digits.replace(/^0+(?=\d)/, '')) : key;
    },
  };
}

function sensitivityOf(strength: number, caseLevel: boolean): 'base' | 'accent' | 'case' | 'variant' {
  if (strength === 1) return caseLevel ? 'case' : 'base';
  if (strength === 2) return caseLevel ? 'variant' : 'accent';
  return 'variant';
}
