import { expect } from 'chai';
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { contractRules, memoryProvider, providerContract } from '../../lib/testing/index.js';
import type { ContractOptions, MemoryProvider } from '../../lib/testing/index.js';
import type { StorageProvider } from '../../lib/providers/provider.js';
import { breakages } from './broken.js';
import { idOf, withIds } from './with-ids.js';
import { CONTRACT_RUNS } from '../support/counts.js';

/** The same storage, in which the removal of some files fails. */
function failsFor(failing: ReadonlySet<string>, memory: MemoryProvider): MemoryProvider {
  const remove: StorageProvider['remove'] = async (assets, options) => {
    const outcomes = await memory.remove(
      assets.filter(({ key }) => !failing.has(key)),
      options,
    );
    let next = 0;
    return assets.map(({ key }) =>
      failing.has(key)
        ? { outcome: 'failed', error: new Error('this one fails'), retryable: true }
        : outcomes[next++]!,
    );
  };
  return Object.create(memory, { remove: { value: remove, enumerable: true } }) as MemoryProvider;
}

/** A contract over providers in memory; `spoil` breaks each of them. */
function optionsFor(
  spoil: (memory: MemoryProvider) => Partial<StorageProvider> = () => ({}),
): ContractOptions {
  const memories = new WeakMap<StorageProvider, MemoryProvider>();
  const memoryOf = (provider: StorageProvider) => memories.get(provider)!;
  const failing = new Set<string>();
  return {
    create() {
      failing.clear();
      const inner = memoryProvider({ batchSize: 12 });
      const memory = failsFor(failing, withIds(inner));
      const { identify, possible, forms, remove } = memory;
      const provider = { ...inner, identify, possible, forms, remove, ...spoil(memory) };
      memories.set(provider, memory);
      return provider;
    },
    seed(provider, label) {
      const value = memoryOf(provider).put(label);
      const id = idOf(label);
      return [value, `memory://${label}`, `${value}?v=2`, { memory: label }, id, { memory: id }];
    },
    exists: (provider, label) => memoryOf(provider).has(label),
    foreignValues: ['/uploads/a.png', 'memory:../a', null],
    foreignAssets: [{ provider: 'memory', key: '/other/a' }],
    fail: (provider) => memoryOf(provider).failNext(100),
    failOne: (_provider, label) => void failing.add(label),
    hang: (provider) => memoryOf(provider).hangNext(100),
    runs: CONTRACT_RUNS,
  };
}

/** Runs the contract as a test framework would, one test after the other; what failed, by title. */
async function failuresOf(options: ContractOptions): Promise<Map<string, string>> {
  const tests: [string, () => Promise<void>][] = [];
  const it = (title: string, body: () => Promise<void>) => void tests.push([title, body]);
  providerContract('x', { ...options, describe: (_title, body) => body(), it });
  const failures = new Map<string, string>();
  for (const [title, body] of tests)
    await body().catch((error: Error) => void failures.set(title, error.message));
  return failures;
}

describe('providerContract', () => {
  it('a provider that keeps every rule fails none', async () => {
    expect([...(await failuresOf(optionsFor()))]).to.deep.equal([]);
  });

  it('one that says removed for what is missing keeps every rule where that is known of it', async () => {
    const silent = optionsFor((memory) => ({
      async remove(assets, options) {
        const outcomes = await memory.remove(assets, options);
        return outcomes.map((one) => (one.outcome === 'missing' ? { outcome: 'removed' as const } : one));
      },
    }));
    expect([...(await failuresOf({ ...silent, tellsMissing: false }))]).to.deep.equal([]);
  });

  it('one that makes files from others keeps every rule', async () => {
    const { derivedOf } = memoryProvider({ derived: (id) => [`thumbs/${id}`] });
    expect([...(await failuresOf(optionsFor(() => ({ derivedOf: derivedOf! }))))]).to.deep.equal([]);
  });

  it('one without a look at single files keeps every rule', async () => {
    const blind = optionsFor(() => ({ fingerprint: undefined as never }));
    expect([...(await failuresOf(blind))]).to.deep.equal([]);
  });

  it('one that fails for one asset of a batch is not asked so without failOne', async () => {
    const spoil = breakages.find(({ what }) => what === 'fails a whole batch for one of its assets')!.break;
    const { failOne: _failOne, ...options } = optionsFor(spoil);
    expect([...(await failuresOf(options))]).to.deep.equal([]);
  });

  describe('a provider that is broken in just one way', () => {
    for (const { what, fails, break: spoil, options } of breakages) {
      it(`${what}: fails "${fails[0]}"`, async () => {
        const failures = await failuresOf({ ...optionsFor(spoil), ...options });
        expect([...failures.keys()].sort(), JSON.stringify([...failures])).to.deep.equal([...fails].sort());
      });
    }

    it('every rule is failed by at least one of them', () => {
      const failed = new Set(breakages.map(({ fails }) => fails[0]!));
      expect(contractRules.filter((title) => !failed.has(title))).to.deep.equal([]);
      expect(failed.size).to.equal(contractRules.length);
    });
  });

  describe('how it is declared', () => {
    const { describe: _describe, it: _it, ...options } = optionsFor();

    it('takes the describe and it that it finds globally, or those it is given', async () => {
      const declared: string[] = [];
      const own: ContractOptions = {
        ...options,
        describe(title, body) {
          declared.push(title);
          body();
        },
        it: (title) => declared.push(title),
      };
      providerContract('mine', own);
      expect(declared).to.deep.equal(['the provider contract: mine', ...contractRules]);
    });

    it('says so where there are none', () => {
      const code = `
        const { providerContract } = require('./lib/testing/index.js');
        const nothing = () => {};
        try {
          providerContract('x', { create: nothing, seed: nothing, exists: nothing, fail: nothing, foreignValues: [1] });
        } catch (error) { console.log(error.message) }`;
      const said = execFileSync(process.execPath, ['-r', 'ts-node/register', '-e', code], {
        encoding: 'utf8',
      });
      expect(said).to.include('describe and it are not defined globally').and.to.include('Vitest');
    });

    it('needs nothing beside Node and itself', () => {
      const files = readdirSync('lib/testing').map((file) => readFileSync(join('lib/testing', file), 'utf8'));
      const imports = files.flatMap((text) => [...text.matchAll(/from '([^']+)'/g)].map(([, from]) => from!));
      expect(imports.filter((from) => !/^(node:|\.)/.test(from))).to.deep.equal([]);
    });

    const wrong: [change: object, message: string][] = [
      [{ create: undefined }, 'the option "create" is undefined; allowed: a function'],
      [{ hang: true }, 'the option "hang" is true; allowed: a function'],
      [{ seeds: 1 }, 'unknown option "seeds"; known: create, seed'],
      [
        { foreignValues: [] },
        'the option "foreignValues" is an empty array; allowed: an array of values to refuse, at least one',
      ],
      [{ tellsMissing: 'no' }, 'the option "tellsMissing" is \'no\'; allowed: true or false'],
      [{ foreignAssets: 'x' }, 'the option "foreignAssets" is \'x\'; allowed: an array of assets'],
      [{ runs: 0.5 }, 'the option "runs" is 0.5; allowed: a whole number of at least 0'],
    ];
    for (const [change, message] of wrong) {
      it(message, () => {
        expect(() => providerContract('x', { ...options, ...change })).to.throw(TypeError, message);
      });
    }
  });

  it('a storage that does not tell what is missing keeps the rules where that is said', async () => {
    const silent = optionsFor((memory) => ({
      remove: async (assets, options) =>
        (await memory.remove(assets, options)).map((outcome) =>
          outcome.outcome === 'missing' ? { outcome: 'removed' } : outcome,
        ),
    }));
    expect((await failuresOf(silent)).size).to.equal(2);
    expect([...(await failuresOf({ ...silent, tellsMissing: false }))]).to.deep.equal([]);
  });

  it('names the seed of its random values, and the same seed fails in the same way', async () => {
    const { fails, break: spoil } = breakages.find(({ what }) => what.includes('upper case'))!;
    const first = (await failuresOf(optionsFor(spoil))).get(fails[0]!)!;
    const seed = Number(/randomSeed: (\d+)/.exec(first)?.[1]);
    expect((await failuresOf({ ...optionsFor(spoil), randomSeed: seed })).get(fails[0]!)).to.equal(first);
  });
});
