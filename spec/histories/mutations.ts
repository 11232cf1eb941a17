/** One protection switched off, in a copy of the sources. */
export interface Mutation {
  readonly name: string;
  readonly patches: readonly Patch[];
  /** What must fail then; absent: generated histories. */
  readonly spec?: { readonly file: string; readonly grep: string };
}

interface Patch {
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

export function patch(file: string, find: string, replace: string): Patch {
  return { file: `lib/${file}`, find, replace };
}

const CONTAINED = patch(
  'providers/local/remove.ts',
  'return isInside(this.#root.real, path) && isSamePath(await realPath(path), path) ? path : null;',
  'return path;',
);
const POSTPONED = patch(
  'removal/remover.ts',
  'const write = watch.thatStores(identityOf(file));',
  "const write = watch.thatStores(identityOf(file) && 'nothing');",
);

/** Every protection that generated histories must miss when it is gone. */
export const MUTATIONS: readonly Mutation[] = [
  {
    name: 'after-commit: a removal in a transaction does not wait for the commit',
    patches: [
      patch(
        'removal/cleaner.ts',
        'if (!isInTransaction(session)) return',
        'if (!isInTransaction(null as typeof session)) return',
      ),
    ],
  },
  {
    name: 'after-commit: a commit with an unknown result counts as done',
    patches: [
      patch('removal/unit-of-work.ts', 'this.#commitFailed(error);', "await this.#end('committed');"),
    ],
  },
  {
    name: 'still used: the question is not asked',
    patches: [
      patch(
        'usage/verdict.ts',
        "if (weightOf(verdict) > weightOf(verdicts.get(file) ?? 'unused'))",
        'if (weightOf(verdict) > 9)',
      ),
    ],
  },
  {
    name: 'still used: a question that fails counts as "unused"',
    patches: [
      patch('usage/verdict.ts', "typeof verdict === 'object' ? 1 :", "typeof verdict === 'object' ? -1 :"),
    ],
  },
  {
    name: 'still used: only the first field is asked',
    patches: [
      patch(
        'usage/scope.ts',
        'if (!known) home.fields.push(asked);',
        'if (home.fields.length === 0) home.fields.push(asked);\n  else if (!known) return;',
      ),
    ],
  },
  {
    name: 'still used: texts are not searched in large collections',
    patches: [
      patch(
        'usage/scope.ts',
        'const isAlwaysSearched = field.text !== undefined;',
        'const isAlwaysSearched = false;',
      ),
    ],
  },
  {
    name: 'still used: only what a text shows keeps, and no other mention',
    patches: [
      patch(
        'usage/use-reader.ts',
        "    for (const file of mentioned) note(this.uses, file, 'mentioned');\n    return",
        '    return',
      ),
    ],
  },
  {
    name: 'keep: the rules are not applied',
    patches: [
      patch(
        'removal/preparation.ts',
        'return this.#for.usage.keepRulesOf(candidate.source).protects(reading, candidate.value, about);',
        'return this.#for.usage.keepRulesOf(candidate.source).protects(reading, candidate.value, about) && false;',
      ),
    ],
  },
  {
    name: 'keep: literal defaults are not protected',
    patches: [patch('removal/preparation.ts', 'if (this.#defaults.has(reading)) return true;', '')],
  },
  {
    name: 'root: `..` leads out of the folder (both of its checks off)',
    patches: [
      patch('providers/local/names.ts', "if (EMPTY_OR_DOTS.test(name)) return 'outside';", ''),
      CONTAINED,
    ],
  },
  { name: 'root: a symbolic link leads out of the folder', patches: [CONTAINED] },
  {
    name: 'batch accounting: the first outcome of a batch is taken for all',
    patches: [
      patch(
        'removal/attempt.ts',
        'checked(outcomes[index], provider.name)',
        'checked(outcomes[0], provider.name)',
      ),
    ],
  },
  {
    name: 'batch accounting: the last, partly filled batch is forgotten',
    patches: [
      patch(
        'shared/groups.ts',
        'if (batch.length > 0) yield batch;',
        'if (batch.length === size) yield batch;',
      ),
    ],
  },
  {
    name: 'retry recheck: a retry does not ask again',
    patches: [
      patch(
        'usage/still-used.ts',
        "const verdicts = new Map<T, Verdict>(files.map((file) => [file, 'unused']));",
        "const verdicts = new Map<T, Verdict>(files.map((file) => [file, 'unused']));\n" +
          '  if (files.some((file) => (file as { attempts?: number }).attempts! > 0)) return verdicts;',
      ),
    ],
  },
  {
    name: 'retry: what failed for a passing reason is not tried again',
    patches: [
      patch(
        'removal/remover.ts',
        "if (outcome.outcome !== 'failed' || !outcome.retryable) return false;",
        'return false;',
      ),
    ],
  },
  {
    name: 'changed file: a file written anew is not told from the old one',
    patches: [patch('removal/attempt.ts', 'expected: fingerprint }', 'expected: undefined }')],
  },
  {
    name: "own provider: all fields are read by the writing model's providers",
    patches: [patch('usage/scope.ts', 'readers: providers ?? askers,', 'readers: askers,')],
  },
  {
    name: 'wide forms: only the raw form of a name is asked',
    patches: [
      patch(
        'providers/local/encodings.ts',
        'return [...new Set([...usual, ...usual.slice(1).map(withLowerHex)])];',
        'return usual.slice(0, 1 + 0 * withLowerHex(name).length);',
      ),
    ],
  },
  {
    name: 'mentions: small collections are not searched',
    patches: [
      patch(
        'usage/still-used.ts',
        'if (documents <= mentionsUpTo) return true;',
        'if (documents < 0) return true;',
      ),
    ],
  },
  {
    name: 'documents of the write: they are not read above the limit',
    patches: [
      patch(
        'usage/collection-question.ts',
        'return file.write?.isDelete ? [] : this.#heldIn(file);',
        'return file.write?.isDelete ? [] : this.#heldIn(file).slice(0, 0);',
      ),
    ],
  },
  {
    name: 'register: overlapping writes hand in nothing',
    patches: [
      patch(
        'removal/writes-under-way.ts',
        'return [...write.storedByOthers, ...stored.slice(0, MOST_OWN)];',
        'return [...write.storedByOthers, ...stored.slice(0, MOST_OWN)].slice(0, 0);',
      ),
    ],
  },
  {
    name: 'register: unacknowledged values are handed in (and its second line of defence is off)',
    patches: [
      patch(
        'writes/guarded-write.ts',
        'const [snapshot] = await Promise.all([',
        'WritesUnderWay.register.tellOthers(underWay, effect.stored?.({ matchedCount: 1 }) ?? []);\n' +
          '  const [snapshot] = await Promise.all([',
      ),
      patch(
        'removal/writes-under-way.ts',
        '  end(write: WriteUnderWay): void {',
        '  tellOthers(write: WriteUnderWay, stored: readonly StoredValue[]): void {\n' +
          '    for (const other of this.#open) if (other !== write && other.mayMeet(write)) other.noteStored(stored);\n' +
          '  }\n\n  end(write: WriteUnderWay): void {',
      ),
      POSTPONED,
    ],
  },
  {
    name: 'register: a file that a write under way is about to store is removed',
    patches: [POSTPONED],
  },
  {
    name: 'ambiguous: the first reading is taken',
    patches: [
      patch('removal/preparation.ts', 'if (stored.length > 1 || !reading)', 'if (!reading)'),
      patch(
        'removal/preparation.ts',
        'const reading = readings.length === 1 ?',
        'const reading = readings.length > 0 ?',
      ),
    ],
  },
];
