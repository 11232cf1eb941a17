export { sweep } from './sweep.js';
export type { ReconcileOptions, Reconciliation } from './reconcile.js';
export type { SweepOptions } from './options.js';
export type {
  FileDetails,
  MissingFile,
  OverridableReason,
  OverridableRefusal,
  ReadCollection,
  Refusal,
  RefusalReason,
  SweepCounts,
  SweepProgress,
  SweepReport,
  SweptFile,
  UnclearFile,
  UnreadCollection,
} from './report.js';
