export { sweep } from './sweep.js';
export type { SweepSchedule, SweepScheduleOptions } from './schedule.js';
export type { SweepOptions } from './sweep-options.js';
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
