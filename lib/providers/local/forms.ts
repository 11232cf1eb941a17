import type { StoredForms } from '../provider.js';
import { ADDRESS_NAMES } from '../upload-result.js';
import { encodingsOf } from './encodings.js';
import { mayBeBare, mayHaveQuery, type Beginning, type Rules } from './folder.js';

/** Every form in which documents may store a file, for the "still used?" question. The list is complete. */
export function formsOf(name: string, rules: Rules): StoredForms {
  const encodings = encodingsOf(name);
  const isPlain = encodings.length === 1 && !name.includes('/');
  const { equal, addresses } = isPlain ? plainForms(name, rules) : allForms(name, encodings, rules);
  const objects: Record<string, StoredForms['equal']> = {
    filename: [name.slice(name.lastIndexOf('/') + 1)],
  };
  for (const address of ADDRESS_NAMES) objects[address] = equal;
  return { equal, addresses, objects };
}

type Strings = Required<Pick<StoredForms, 'equal' | 'addresses'>>;

/** The forms of a name that is written in the same way after every beginning. */
function plainForms(name: string, { texts, addressTexts }: Rules): Strings {
  const equal: string[] = [];
  const addresses: string[] = [];
  for (const beginning of texts) {
    if (beginning === '' && !mayBeBare(name)) continue;
    const form = beginning + name;
    equal.push(form);
    if (addressTexts.has(beginning)) addresses.push(form);
  }
  return { equal, addresses };
}

function allForms(name: string, encodings: readonly string[], rules: Rules): Strings {
  const equal: string[] = [];
  const addresses: string[] = [];
  for (const beginning of rules.beginnings) {
    for (const written of writingsOf(name, encodings, beginning)) {
      const form = beginning.text + written;
      if (beginning.text === '' && !mayBeBare(form)) continue;
      equal.push(form);
      if (mayHaveQuery(beginning)) addresses.push(form);
    }
  }
  return { equal: unique(equal), addresses: unique(addresses) };
}

function unique(strings: readonly string[]): readonly string[] {
  return [...new Set(strings)];
}

function writingsOf(name: string, encodings: readonly string[], { writing }: Beginning): readonly string[] {
  switch (writing) {
    case 'file':
      return [name];
    case 'windows':
      return name.includes('\\') ? [] : [name.replaceAll('/', '\\')];
    case 'address':
    case 'escaped':
      return encodings;
  }
}

/** Whether the text after a beginning is one of the ways to write the name there. */
export function isWritten(text: string, name: string, beginning: Beginning): boolean {
  if (text === name) return beginning.writing !== 'windows' || !name.includes('/');
  return writingsOf(name, encodingsOf(name), beginning).includes(text);
}
