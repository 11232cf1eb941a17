export { doctor } from './doctor.js';
export type { DoctorOptions } from './doctor-options.js';
export type {
  DoctorReport,
  ExaminedField,
  ExaminedModel,
  ExaminedStorage,
  Finding,
  FindingKind,
  RemovalCost,
  ValueCounts,
} from './report.js';
