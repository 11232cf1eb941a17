import './mongoose-options.js';

export { imageCleanup } from './plugin.js';
export { cleanupFor, type Cleanup, type ModelStatus } from './cleanup-for.js';
export type { CleanupJournal } from './journal/cleanup-journal.js';
export type { JournalCounts, JournalListQuery, JournalQuery } from './journal/listing.js';
export type { JournalledFile } from './journal/journalled-file.js';
export type { DueReport, RunDueOptions, Worker, WorkOptions } from './journal/worker.js';
export type { UnknownValues } from './removal/unknown-values.js';
export { withoutImageCleanup } from './writes/opt-out.js';
export type { RemoveUnusedOptions } from './writes/remove-unused.js';
export { localProvider, type LocalProviderOptions } from './providers/local/index.js';
export type { Derived } from './providers/derived.js';
export type {
  ImageCleanupCall,
  ImageCleanupCallOption,
  ImageCleanupPathOption,
  ImageCleanupTextOption,
} from './mongoose-options.js';
export type { TextFormat } from './texts/text-reader.js';
export type { CleanupEvent } from './schema/cleanup-event.js';
export type {
  AnyModel,
  AnySchema,
  ImageCleanupOptions,
  JournalOptions,
  KeepContext,
  KeepRule,
  Logger,
  ProvidedField,
  ReferenceFields,
  ReferenceFunction,
  ReferenceSource,
  RetryOptions,
} from './schema/options.js';
export type {
  Asset,
  CheckOptions,
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
export type { StoredValue } from './providers/stored-value.js';
export { sweep } from './sweep/index.js';
export type {
  SweepOptions,
  SweepProgress,
  SweepReport,
  SweepSchedule,
  SweepScheduleOptions,
} from './sweep/index.js';
export { doctor } from './doctor/index.js';
export type {
  DoctorOptions,
  DoctorReport,
  ExaminedField,
  ExaminedModel,
  ExaminedStorage,
  Finding,
  FindingKind,
  RemovalCost,
  ValueCounts,
} from './doctor/index.js';
