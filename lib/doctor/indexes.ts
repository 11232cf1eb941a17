import { indexAdvice, missingIndexes } from '../usage/index-check.js';
import type { Examination } from './examination.js';

/** Finds fields in the scope of any model that no index serves. */
export async function examineIndexes(run: Examination): Promise<void> {
  for (const { name, models, fields } of run.scope().collections) {
    run.begin(`indexes of ${name}`);
    const [model] = models;
    if (!model) continue;
    const missing = await missingIndexes(
      models,
      fields.filter(({ isAlwaysSearched }) => !isAlwaysSearched).map(({ field }) => field),
    );
    if (missing.length === 0) continue;
    const [message = '', ...advice] = indexAdvice(model, missing).split('; ');
    run.find({
      kind: 'missing-index',
      about: model.modelName,
      message,
      advice: advice.join('; '),
      count: missing.length,
      examples: missing.map(({ path }) => path).slice(0, 3),
    });
  }
}
