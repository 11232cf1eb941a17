import type { Entry } from '../removal/candidates.js';
import { trackedOf } from '../tracking.js';
import type { FileDetails } from './report.js';
import type { Storage } from './storages.js';

/** An asset of a listing as the question and the remover see it: held by no document. */
export function entryFor(
  { key }: { key: string; details: FileDetails },
  { provider, owners }: Storage,
): Entry {
  const { model, options } = owners[0]!;
  return {
    value: key,
    asset: { provider: provider.name, key },
    provider,
    tracked: trackedOf(model).find((one) => one.options === options)!,
    documentId: undefined,
    operation: 'sweep',
    model: model.modelName,
    collection: model.collection.name,
    fingerprint: undefined,
    attempts: 0,
  };
}
