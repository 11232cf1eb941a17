import type { Connection } from 'mongoose';
import { isModel } from '../schema/models-option.js';
import type { AnyModel } from '../schema/options.js';
import type { Asking } from '../usage/scope.js';
import type { Source } from './candidates.js';
import { cleanerOf, type Cleaner } from './cleaner.js';

/**
 * The cleaners of a model, or of all models with the plugin that a connection or Mongoose has at the time of each call.
 * `owner` is the function that the app calls.
 *
 * @throws TypeError if the target is a model without the plugin, or is not a model, a connection or Mongoose.
 */
export function cleanersOf(owner: string, target: unknown): () => Cleaner[] {
  if (isModel(target)) {
    const cleaner = cleanerOf(target);
    if (cleaner) return () => [cleaner];
    throw new TypeError(
      `${owner}: the model "${target.modelName}" does not have the plugin; apply it before mongoose.model()`,
    );
  }
  const { connections, models } = (target ?? {}) as Partial<Pick<Connection, 'models'>> & {
    connections?: Connection[];
  };
  const ofModels = (all: Connection['models']): Cleaner[] =>
    (Object.values(all) as AnyModel[]).flatMap((model) => cleanerOf(model) ?? []);
  if (Array.isArray(connections)) return () => connections.flatMap((one) => ofModels(one.models));
  if (typeof models === 'object') return () => ofModels(models);
  throw new TypeError(`${owner}: give a model, a connection or mongoose`);
}

/** A model that is asked as well, as far as its own `references` reach. */
export function askingOf({ model, options }: Cleaner): Asking {
  return { model, references: options.references };
}

/**
 * The source of values without a field. They are read by the providers of all the given models, so that a value which
 * could mean several files is recognised.
 */
export function sourceOfNoField(cleaner: Cleaner, others: readonly Cleaner[]): Source {
  const all = [...new Set([cleaner, ...others])];
  return {
    field: null,
    options: cleaner.options,
    providers: [...new Set(all.flatMap(({ providers }) => providers))],
    keep: [...new Set(all.flatMap(({ tracked }) => tracked.flatMap(({ keep }) => keep)))],
  };
}
