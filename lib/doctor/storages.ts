import type { SweepableProvider } from '../providers/provider.js';
import { canBeListed, labelOf } from '../sweep/storages.js';
import { asError, withTimeLimit } from '../shared/time-limit.js';
import { withoutSecrets } from '../shared/without-secrets.js';
import type { Examination } from './examination.js';

/**
 * Asks each provider whether its storage can be used: the folder exists and is writable, the cloud is configured and
 * answers.
 */
export async function examineStorages(run: Examination): Promise<void> {
  const checked = new Map<string, Promise<string | null>>();
  for (const provider of run.providers) {
    const label = labelOf(provider);
    if (checked.has(label)) continue;
    run.begin(`storage ${label}`);
    const problem = problemOf(run, provider);
    checked.set(label, problem);
    await tell(run, provider, problem);
  }
}

async function tell(
  run: Examination,
  provider: SweepableProvider,
  asked: Promise<string | null>,
): Promise<void> {
  const label = labelOf(provider);
  const problem = await asked;
  const owners = run.owners.filter((one) => labelOf(one.provider) === label);
  const models = [...new Set(owners.map(({ model }) => model.modelName))];
  run.examinedStorages.push({ storage: label, models, problem, files: null, isPartial: false });
  if (!provider.check)
    run.note(
      `${label}: this provider has no check(), so the doctor cannot tell whether its storage can be reached`,
    );
  if (!canBeListed(provider))
    run.note(`${label}: this provider cannot list its files, so no sweep finds orphans there`);
  if (problem === null) return;
  run.find({
    kind: 'unusable-storage',
    about: label,
    message: problem,
    advice:
      'correct the options of the provider or the permissions of this process; check that the disk is mounted, or that the account is the right one',
  });
}

async function problemOf(run: Examination, provider: SweepableProvider): Promise<string | null> {
  if (!provider.check) return null;
  try {
    const problem = await withTimeLimit('the check of the storage', run.timeoutMs, (signal) =>
      provider.check!({
        signal: run.options.signal ? AbortSignal.any([signal, run.options.signal]) : signal,
      }),
    );
    return problem === null ? null : withoutSecrets(problem);
  } catch (thrown) {
    run.options.signal?.throwIfAborted();
    return withoutSecrets(asError(thrown).message);
  }
}
