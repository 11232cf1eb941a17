import { examineContents } from './contents.js';
import { measureRemovals } from './cost.js';
import { Examination } from './examination.js';
import { examineIndexes } from './indexes.js';
import { readDoctorOptions, type DoctorOptions } from './doctor-options.js';
import { findOutsiders } from './outsiders.js';
import { examinePlugins } from './plugins.js';
import { findOverdue } from './overdue.js';
import type { DoctorReport } from './report.js';
import { compareSettings } from './settings.js';
import { examineStorages } from './storages.js';
import { examineValues } from './values.js';

/**
 * Examines an app without changing anything: it checks whether settings, documents and storages fit together. It reads
 * a sample of each collection, lists each storage up to a limit, and makes at most one request for the check of a
 * cloud. Each finding says what to do.
 *
 * ```ts
 * const { findings } = await doctor({ models: [User, Post] });
 * for (const { about, message, advice } of findings) console.log(`${about}: ${message}. ${advice}.`);
 * ```
 *
 * @throws TypeError if an option is wrong; Error if a connection is not open; the signal's reason if it is aborted.
 */
export async function doctor(given: DoctorOptions): Promise<DoctorReport> {
  const run = new Examination(readDoctorOptions(given));
  await openConnections(run);
  examinePlugins(run);
  compareSettings(run);
  await examineIndexes(run);
  await examineStorages(run);
  const named = await examineValues(run);
  await findOutsiders(run);
  await examineContents(run, named);
  await findOverdue(run);
  await measureRemovals(run);
  return reportOf(run);
}

async function openConnections(run: Examination): Promise<void> {
  for (const { db, modelName } of run.options.models) {
    if (db.readyState === 2) await db.asPromise();
    if ((db.readyState as number) !== 1) {
      throw new Error(`doctor: the connection of "${modelName}" is not open; connect first`);
    }
  }
}

function reportOf(run: Examination): DoctorReport {
  const { startedAt, findings, notes, examinedModels, examinedStorages } = run;
  return {
    status: findings.length === 0 ? 'nothing to do' : 'findings',
    startedAt,
    durationMs: Date.now() - startedAt.getTime(),
    models: examinedModels,
    storages: examinedStorages,
    findings,
    notes,
  };
}
