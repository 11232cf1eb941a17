import type { Connection } from 'mongoose';
import { isModel } from '../schema/models-option.js';
import type { AnyModel } from '../schema/options.js';
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
    if (!cleaner) {
      throw new TypeError(
        `${owner}: the model "${target.modelName}" does not have the plugin; apply it before mongoose.model()`,
      );
    }
    return () => [cleaner];
  }
  const { connections, models } = (target ?? {}) as {
    connections?: Connection[];
    models?: Connection['models'];
  };
  if (Array.isArray(connections))
    return () => connections.flatMap((connection) => cleanersOnConnection(connection.models));
  if (typeof models === 'object') return () => cleanersOnConnection(models);
  throw new TypeError(`${owner}: give a model, a connection or mongoose`);
}

function cleanersOnConnection(models: Connection['models']): Cleaner[] {
  return (Object.values(models) as AnyModel[]).flatMap((model) => cleanerOf(model) ?? []);
}
