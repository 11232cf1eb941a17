import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { DERIVED_MUTATIONS } from './derived-mutations.js';
import { JOURNAL_MUTATIONS } from './journal-mutations.js';
import { MUTATIONS } from './mutations.js';

describe('mutations', () => {
  for (const { name, patches } of [...MUTATIONS, ...JOURNAL_MUTATIONS, ...DERIVED_MUTATIONS]) {
    it(`"${name}" still finds the code that it changes, once`, () => {
      for (const { file, find } of patches) {
        const source = readFileSync(path.join(__dirname, '../..', file), 'utf8');
        expect(source.split(find).length - 1, `${find} in ${file}`).to.equal(1);
      }
    });
  }
});
