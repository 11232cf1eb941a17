import { patch, type Mutation } from './mutations.js';

const removal = (grep: string): Mutation['spec'] => ({ file: 'spec/derived/removal.spec.ts', grep });
const protection = (grep: string): Mutation['spec'] => ({ file: 'spec/derived/protections.spec.ts', grep });
const journal = (grep: string): Mutation['spec'] => ({ file: 'spec/derived/journal.spec.ts', grep });
const sweep = (grep: string): Mutation['spec'] => ({ file: 'spec/derived/sweep.spec.ts', grep });

/** Every protection of files made from files, and the spec that must miss it when it is gone. */
export const DERIVED_MUTATIONS: readonly Mutation[] = [
  {
    name: 'derived: what is made from a file in use is not in use',
    spec: removal('stay while either is used'),
    patches: [
      patch('usage/derived/questions.ts', 'return [...byDocuments, byFunctions];', 'return [byFunctions];'),
    ],
  },
  {
    name: 'derived: an original that is only mentioned makes nothing',
    spec: removal('only mentioned'),
    patches: [
      patch(
        'usage/derived/original-uses.ts',
        "for (const reading of meant) this.#note(reading, 'mentioned');",
        "for (const reading of meant.slice(0, 0)) this.#note(reading, 'mentioned');",
      ),
    ],
  },
  {
    name: 'derived: one whose original stays goes',
    spec: removal('stay with an original that stays'),
    patches: [
      patch(
        'removal/derived-files.ts',
        'if (!originals.has(one.original) || dropped',
        'if ((!originals.has(one.original) && false) || dropped',
      ),
    ],
  },
  {
    name: 'derived: the content that was seen is forgotten',
    spec: protection('written anew while the original goes'),
    patches: [
      patch(
        'removal/derived-files.ts',
        'one.file.fingerprint = fingerprint;',
        'one.file.fingerprint = undefined;',
      ),
    ],
  },
  {
    name: 'derived: a function that throws makes nothing',
    spec: protection('throws for a file in use'),
    patches: [
      patch(
        'usage/derived/original-uses.ts',
        "if (problem && use === 'by another')",
        "if (problem && use === 'by another' && !files)",
      ),
    ],
  },
  {
    name: 'derived: an impure function is believed',
    spec: protection('is not pure'),
    patches: [
      patch(
        'usage/derived/derivation.ts',
        'if (!areSame(keys, again))',
        'if (!areSame(keys, keys) && again)',
      ),
    ],
  },
  {
    name: 'derived: what only a function uses makes nothing',
    spec: protection('which only the storage knows'),
    patches: [
      patch('usage/derived/questions.ts', 'return [...byDocuments, byFunctions];', 'return byDocuments;'),
    ],
  },
  {
    name: 'derived: an intent is settled with the original',
    spec: journal('has a worker remove what was left of them'),
    patches: [
      patch(
        'journal/file-results.ts',
        "if (end.is !== 'settled') this.#ofDerived",
        "if (end.is !== 'settled' && !original) this.#ofDerived",
      ),
    ],
  },
  {
    name: 'derived: a sweep takes what is made from used files for orphans',
    spec: sweep('takes those of a used original for used'),
    patches: [
      patch(
        'sweep/derived-of-kept.ts',
        'for (const one of derived) this.#table.add(comparableKey(one));',
        'for (const one of derived.slice(0, 0)) this.#table.add(comparableKey(one));',
      ),
    ],
  },
  {
    name: 'derived: a sweep does not wait for the outcome of an original',
    spec: sweep('from an original that could not be removed'),
    patches: [
      patch(
        'sweep/remove-orphans.ts',
        "if (outcome.outcome !== 'removed' && outcome.outcome !== 'missing') stays(run, orphan);",
        "if (outcome.outcome !== 'removed' && outcome.outcome !== 'missing') void stays;",
      ),
    ],
  },
];
