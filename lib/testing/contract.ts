import { BSON_RULES } from './bson-rules.js';
import { DERIVED_RULES } from './derived-rules.js';
import { IDENTIFY_RULES } from './identify-rules.js';
import { LIST_RULES } from './list-rules.js';
import { checkContractOptions } from './contract-options.js';
import type { ContractOptions, Describe, It } from './contract-options.js';
import { seededRandom } from './random.js';
import { REMOVE_RULES } from './remove-rules.js';
import { Trial } from './rule.js';
import type { Rule } from './rule.js';

const RULES: readonly Rule[] = [
  ...IDENTIFY_RULES,
  ...BSON_RULES,
  ...REMOVE_RULES,
  ...LIST_RULES,
  ...DERIVED_RULES,
];

/** The titles of the rules, in the order in which they are declared. */
export const contractRules: readonly string[] = RULES.map(({ title }) => title);

/**
 * Declares one test for each rule that a storage provider has to follow, with the `describe` and `it` of mocha, Jest or
 * Vitest. Methods that the provider does not have (`list`, `fingerprint`, `possible`, `mask`, `derivedOf`) are not
 * tested.
 *
 * @param name The name of the provider, for the titles.
 *
 * @throws TypeError if an option is wrong or unknown, or if no test framework is found.
 *
 * @example
 * providerContract('my storage', {
 *   create: () => myProvider({ client }),
 *   seed: async (_provider, label) => [await client.put(label), { key: label }],
 *   exists: (_provider, label) => client.has(label),
 *   foreignValues: ['/uploads/a.png', 'https://example.com/a.png'],
 *   fail: () => client.disconnect(),
 * });
 */
export function providerContract(name: string, options: ContractOptions): void {
  checkContractOptions(options);
  const found = globalThis as { describe?: Describe; it?: It };
  const declare = options.describe ?? found.describe;
  const test = options.it ?? found.it;
  if (!declare || !test) {
    throw new TypeError(
      'providerContract: describe and it are not defined globally. Run the contract in mocha or Jest, set `globals: true` in Vitest, or pass both as options.',
    );
  }
  const seed = options.randomSeed ?? Math.floor(Math.random() * 2 ** 32);
  declare(`the provider contract: ${name}`, () => {
    for (const rule of RULES) test(rule.title, () => checked(rule, options, seed));
  });
}

async function checked(rule: Rule, options: ContractOptions, seed: number): Promise<void> {
  const provider = await options.create();
  try {
    await rule.check(new Trial(provider, options, seededRandom(seed)));
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message} (to repeat it: randomSeed: ${seed})`, { cause: error });
  } finally {
    await options.destroy?.(provider);
  }
}
