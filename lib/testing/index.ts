/** For authors of storage providers, and for tests of apps. Needs no test framework and no other package. */
export { memoryProvider } from '../providers/memory.js';
export type { MemoryCall, MemoryFault, MemoryOptions, MemoryProvider } from '../providers/memory.js';
export { contractRules, providerContract } from './contract.js';
export type { ContractOptions, Describe, It } from './contract-options.js';
