import './types.js';

export { imageCleanup } from './plugin.js';
export { cleanupFor, type Cleanup } from './cleanup-for.js';
export { withoutImageCleanup } from './middleware/opt-out.js';
export { localProvider, type LocalProviderOptions } from './providers/local/index.js';
export type { ImageCleanupCallOption, ImageCleanupPathOption } from './types.js';
export type {
  AnyModel,
  AnySchema,
  ImageCleanupOptions,
  KeepContext,
  KeepRule,
  Logger,
  ReferenceFunction,
  ReferenceSource,
  RetryOptions,
} from './options.js';
export type { CleanupEvent } from './event.js';
export type {
  Asset,
  KeptReason,
  ListOptions,
  RemovalOutcome,
  DroppedAsset,
  RemoveOptions,
  StorageProvider,
  SweepableProvider,
  StoredAsset,
  StoredForms,
} from './providers/provider.js';
export { sweep } from './sweep/index.js';
export type { SweepOptions, SweepProgress, SweepReport } from './sweep/index.js';
