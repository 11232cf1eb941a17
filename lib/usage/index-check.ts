import type { mongo } from 'mongoose';
import { isBelowMap, type TrackedField } from '../fields.js';
import type { AnyModel } from '../options.js';

/** Fields of the model for which no index serves the "still used?" question. Empty when the indexes can't be read. */
export async function fieldsWithoutIndex(
  model: AnyModel,
  fields: readonly TrackedField[],
): Promise<string[]> {
  let indexes: mongo.IndexDescriptionInfo[];
  try {
    const db = model.db.db as unknown as mongo.Db;
    indexes = (await db.collection(model.collection.name).indexes()) as mongo.IndexDescriptionInfo[];
  } catch {
    return [];
  }
  const served = indexes.filter(serves).flatMap((index) => Object.keys(index.key).slice(0, 1));
  return fields.filter((field) => !isBelowMap(field) && !isServed(field, served)).map(({ path }) => path);
}

/** Objects are asked for by a path below the field, such as `image.public_id`. */
function isServed({ path, mayHoldObjects }: TrackedField, served: readonly string[]): boolean {
  return served.some((one) => one === path || (mayHoldObjects && one.startsWith(`${path}.`)));
}

/** A sparse index serves an equality, a partial one only queries that repeat its condition. */
function serves(index: mongo.IndexDescriptionInfo): boolean {
  const order: unknown = Object.values(index.key)[0];
  return (
    index['partialFilterExpression'] === undefined && (order === 1 || order === -1 || order === 'hashed')
  );
}

/** The line to add to the schema. */
export function indexAdvice(model: AnyModel, paths: readonly string[]): string {
  const lines = paths.map((path) => `schema.index({ '${path}': 1 })`).join('; ');
  return (
    `no index of "${model.modelName}" serves the question whether a file is still used, ` +
    `so each removal reads the whole collection; add: ${lines}`
  );
}
