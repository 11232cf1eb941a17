/** For whoever writes a storage provider, or tests an app over one. Needs no test framework and nothing else. */
export { memoryProvider } from '../providers/memory.js';
export type { MemoryCall, MemoryFault, MemoryOptions, MemoryProvider } from '../providers/memory.js';
export { contractRules, providerContract } from './contract.js';
export type { ContractOptions, Describe, It } from './contract-options.js';
