import { isListOf, type Rule } from '../shared/option-rules.js';
import type { AnyModel } from './options.js';
import { hasPlugin } from './model-fields.js';

/** The option of `sweep` and `doctor`. */
export const MODELS: Rule = {
  allowed: 'a non-empty array of Mongoose models',
  is: (value) => isListOf(isModel)(value) && (value as unknown[]).length > 0,
  advice: 'name the models whose documents may use the files',
  isRequired: true,
};

/** Whether a value, such as a reference, is a Mongoose model. */
export function isModel(one: unknown): one is AnyModel {
  return typeof one === 'function' && typeof (one as { modelName?: unknown }).modelName === 'string';
}

/** Each model once. @throws TypeError if none of them has the plugin. */
export function withPlugin(owner: string, models: readonly AnyModel[]): AnyModel[] {
  if (models.some(hasPlugin)) return [...new Set(models)];
  const names = models.map(({ modelName }) => `"${modelName}"`).join(', ');
  throw new TypeError(
    `${owner}: none of the models ${names} has the plugin; apply it before mongoose.model()`,
  );
}
