import type { mongo } from 'mongoose';
import { isBelowMap, type TrackedField } from '../fields.js';
import type { AnyModel } from '../options.js';

/** A field for which no index serves the "still used?" question. */
export interface MissingIndex {
  readonly path: string;
  /** The schema declares a fitting index, which the database does not have (`autoIndex: false`, a build that failed). */
  readonly isDeclared: boolean;
}

type KeyOrder = readonly [path: string, order: unknown];

/** Fields of the models over one collection for which no index serves the question. Empty when the indexes can't be read. */
export async function missingIndexes(
  models: readonly AnyModel[],
  fields: readonly TrackedField[],
): Promise<MissingIndex[]> {
  const [model] = models;
  if (!model) return [];
  let indexes: mongo.IndexDescriptionInfo[];
  try {
    const db = model.db.db as unknown as mongo.Db;
    indexes = (await db.collection(model.collection.name).indexes()) as mongo.IndexDescriptionInfo[];
  } catch {
    return [];
  }
  const built = indexes.flatMap((index) => firstKey(index.key, index['partialFilterExpression']));
  const declared = models.flatMap(declaredIn);
  return fields
    .filter((field) => !isBelowMap(field) && !isServed(field, built))
    .map((field) => ({ path: field.path, isDeclared: isServed(field, declared) }));
}

/** Fields of one model for which no index serves the question. Empty when the indexes can't be read. */
export async function fieldsWithoutIndex(
  model: AnyModel,
  fields: readonly TrackedField[],
): Promise<string[]> {
  return (await missingIndexes([model], fields)).map(({ path }) => path);
}

function declaredIn({ schema }: AnyModel): string[] {
  return schema
    .indexes()
    .flatMap(([key, options]) =>
      firstKey(key, (options as { partialFilterExpression?: unknown } | undefined)?.partialFilterExpression),
    );
}

/** A sparse index serves an equality, a partial one only queries that repeat its condition. */
function firstKey(key: object, partialFilterExpression: unknown): string[] {
  const [first] = Object.entries(key) as KeyOrder[];
  if (!first || partialFilterExpression !== undefined) return [];
  const [path, order] = first;
  return order === 1 || order === -1 || order === 'hashed' ? [path] : [];
}

/** Objects are asked for by a path below the field, such as `image.public_id`. */
function isServed({ path, mayHoldObjects }: TrackedField, served: readonly string[]): boolean {
  return served.some((one) => one === path || (mayHoldObjects && one.startsWith(`${path}.`)));
}

/** What is missing, and what to do about it: the lines to add to the schema, or the call that builds what it declares. */
export function indexAdvice({ modelName }: AnyModel, missing: readonly MissingIndex[]): string {
  const lines = missing.filter(({ isDeclared }) => !isDeclared).map(({ path }) => lineFor(path));
  const unbuilt = missing.filter(({ isDeclared }) => isDeclared).map(({ path }) => `"${path}"`);
  const advice = [
    ...(unbuilt.length > 0
      ? [
          `the schema declares one for ${unbuilt.join(', ')} that the database has not built: ` +
            `run ${modelName}.createIndexes() once (syncIndexes() does it, too, and drops what no schema declares), or leave autoIndex on`,
        ]
      : []),
    ...(lines.length > 0
      ? [`${unbuilt.length > 0 ? 'others are' : 'it is'} not declared, add: ${lines.join('; ')}`]
      : []),
  ];
  return (
    `no index of "${modelName}" serves the question whether a file is still used, ` +
    `so each removal reads the whole collection; ${advice.join('; ')}`
  );
}

function lineFor(path: string): string {
  return `schema.index({ '${path}': 1 })`;
}
