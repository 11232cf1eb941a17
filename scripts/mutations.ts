import fse from 'fs-extra';
import { spawn } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';

/** One protection switched off, in a copy of the sources. */
interface Mutation {
  readonly name: string;
  readonly patches: readonly Patch[];
}

interface Patch {
  readonly file: string;
  /** Must be there exactly once. */
  readonly find: string;
  readonly replace: string;
}

const MUTATIONS: readonly Mutation[] = [
  {
    name: 'after-commit: a removal in a transaction does not wait for the commit',
    patches: [
      {
        file: 'lib/removal/cleaner.ts',
        find: 'if (isInTransaction(write.session)) {',
        replace: 'if (isInTransaction(null)) {',
      },
    ],
  },
  {
    name: 'after-commit: a commit with an unknown result counts as done',
    patches: [
      {
        file: 'lib/removal/unit-of-work.ts',
        find: 'this.#commitFailed(error);',
        replace: 'await this.#releaseAll();',
      },
    ],
  },
  {
    name: 'still used: the question is not asked',
    patches: [
      {
        file: 'lib/removal/references.ts',
        find: 'if (rank(verdict) > rank(verdicts.get(entry)))',
        replace: 'if (rank(verdict) > 9)',
      },
    ],
  },
  {
    name: 'still used: a question that fails counts as "unused"',
    patches: [
      {
        file: 'lib/removal/references.ts',
        find: "typeof one === 'object' ? 1 : 0",
        replace: "typeof one === 'object' ? -1 : 0",
      },
    ],
  },
  {
    name: 'still used: only the first field is asked',
    patches: [
      {
        file: 'lib/removal/question.ts',
        find: 'return fields.flatMap((field) => [',
        replace: 'return fields.slice(0, 1).flatMap((field) => [',
      },
    ],
  },
  {
    name: 'keep: the rules are not applied',
    patches: [
      {
        file: 'lib/removal/keep.ts',
        find: 'options.keep.some((rule) => keeps(rule, judged, about))',
        replace: 'false',
      },
    ],
  },
  {
    name: 'keep: literal defaults are not protected',
    patches: [
      {
        file: 'lib/removal/keep.ts',
        find: 'defaults.some((value) => isSameAsset(value, judged))',
        replace: 'false',
      },
    ],
  },
  {
    name: 'root: `..` leads out of the folder (both of its checks off)',
    patches: [
      {
        file: 'lib/providers/local/spelling.ts',
        find: "if (segments.includes('..') || relative === '.') return unsafe;",
        replace: '',
      },
      {
        file: 'lib/providers/local/remove.ts',
        find: 'return isInside(realRoot, real) ? real : null;',
        replace: 'return real;',
      },
    ],
  },
  {
    name: 'root: a symbolic link leads out of the folder',
    patches: [
      {
        file: 'lib/providers/local/remove.ts',
        find: 'return isInside(realRoot, real) ? real : null;',
        replace: 'return real;',
      },
    ],
  },
  {
    name: 'batch accounting: the first outcome of a batch is taken for all',
    patches: [
      {
        file: 'lib/removal/remover.ts',
        find: 'checked(outcomes[index], provider.name)',
        replace: 'checked(outcomes[0], provider.name)',
      },
    ],
  },
  {
    name: 'batch accounting: the last, partly filled batch is forgotten',
    patches: [
      {
        file: 'lib/removal/candidates.ts',
        find: 'if (batch.length > 0) yield batch;',
        replace: 'if (batch.length === size) yield batch;',
      },
    ],
  },
  {
    name: 'retry recheck: a retry does not ask again',
    patches: [
      {
        file: 'lib/removal/references.ts',
        find: "  const verdicts = new Map<Entry, Verdict>(entries.map((entry) => [entry, 'unused']));",
        replace:
          "  const verdicts = new Map<Entry, Verdict>(entries.map((entry) => [entry, 'unused']));\n" +
          '  if (entries.some(({ attempts }) => attempts > 0)) return verdicts;',
      },
    ],
  },
  {
    name: 'retry: what failed for a passing reason is not tried again',
    patches: [
      {
        file: 'lib/removal/cleaner.ts',
        find: "if (outcome.outcome !== 'failed' || !outcome.retryable) return false;",
        replace: 'return false;',
      },
    ],
  },
  {
    name: 'changed file: a file written anew is not told from the old one',
    patches: [
      {
        file: 'lib/removal/remover.ts',
        find: 'expected: fingerprint }',
        replace: 'expected: undefined }',
      },
    ],
  },
];

/** How many histories a mutation is given. */
const MOST = '20000';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { seed: { type: 'string', default: '1' }, only: { type: 'string', default: '' } },
  });
  const root = path.resolve(__dirname, '..');
  const missed: string[] = [];
  console.log('| protection switched off | histories needed | what the history saw |\n| --- | --- | --- |');
  for (const mutation of MUTATIONS.filter(({ name }) => name.includes(values.only))) {
    const copy = await fse.mkdtemp(path.join(os.tmpdir(), 'mutation-'));
    try {
      await mutate(root, copy, mutation);
      const found = await run(copy, values.seed);
      console.log(`| ${mutation.name} | ${found ? found.join(' | ') : 'NOT FOUND | '} |`);
      if (!found) missed.push(mutation.name);
    } finally {
      await fse.remove(copy);
    }
  }
  process.exitCode = missed.length > 0 ? 1 : 0;
}

async function mutate(root: string, copy: string, { name, patches }: Mutation): Promise<void> {
  for (const part of ['lib', 'spec', 'scripts', 'package.json', 'tsconfig.json']) {
    await fse.copy(path.join(root, part), path.join(copy, part));
  }
  await fse.symlink(path.join(root, 'node_modules'), path.join(copy, 'node_modules'));
  for (const { file, find, replace } of patches) {
    const pieces = (await fse.readFile(path.join(copy, file), 'utf8')).split(find);
    if (pieces.length !== 2) throw new Error(`${name}: "${find}" is not once in ${file}`);
    await fse.writeFile(path.join(copy, file), pieces.join(replace));
  }
}

/** The number of histories until one failed, and what it said; `undefined` when none did. */
function run(folder: string, seed: string): Promise<[string, string] | undefined> {
  const script = path.join(folder, 'scripts/histories.ts');
  const args = ['-r', 'ts-node/register', script, '--count', MOST, '--seed', seed, '--no-shrink', '--quiet'];
  const child = spawn(process.execPath, args, { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const note = (chunk: Buffer): void => {
    output += chunk.toString();
  };
  child.stdout.on('data', note);
  child.stderr.on('data', note);
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      const failure = /^history (\d+) of seed \d+ fails:\n(.*)$/m.exec(output);
      if (failure) resolve([failure[1]!, failure[2]!.replaceAll('|', '/')]);
      else if (code === 0) resolve(undefined);
      else reject(new Error(`the histories did not run:\n${output}`));
    });
  });
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
