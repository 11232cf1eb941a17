import type { mongo, Schema } from 'mongoose';
import { isBelowMap } from '../schema/field-values.js';
import type { TrackedField } from '../schema/tracked-field.js';
import type { AnyModel } from '../schema/options.js';

/** A field for which no index serves the "still used?" question. */
export interface MissingIndex {
  readonly path: string;
  /**
   * `not built`: the schema declares a suitable index, which the database does not have (`autoIndex: false`, or a build
   * that failed). `partial`: a discriminator declares it, and Mongoose restricts such an index to the discriminator's
   * own documents.
   */
  readonly state: 'not declared' | 'not built' | 'partial';
}

/** Fields of the models over one collection for which no index serves the question. Empty if the indexes cannot be read. */
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
  const declared = models.flatMap(({ schema }) => declaredIn(baseOf(schema) ?? schema));
  const partial = models.flatMap(({ schema }) => (baseOf(schema) ? declaredIn(schema) : []));
  const stateOf = (field: TrackedField): MissingIndex['state'] =>
    isServed(field, declared) ? 'not built' : isServed(field, partial) ? 'partial' : 'not declared';
  return fields
    .filter((field) => !isBelowMap(field) && !isServed(field, built))
    .map((field) => ({ path: field.path, state: stateOf(field) }));
}

/** The schema of the base, for a discriminator. */
function baseOf(schema: Schema): Schema | undefined {
  return (schema as { _baseSchema?: Schema })._baseSchema;
}

function declaredIn(schema: Schema): string[] {
  return schema
    .indexes()
    .flatMap(([key, options]) =>
      firstKey(key, (options as { partialFilterExpression?: unknown } | undefined)?.partialFilterExpression),
    );
}

/** A sparse index serves an equality; a partial index serves only queries that repeat its condition. */
function firstKey(key: object, partialFilterExpression: unknown): string[] {
  const [first] = Object.entries(key) as [path: string, order: unknown][];
  const isServing = partialFilterExpression === undefined && [1, -1, 'hashed'].includes(first?.[1] as string);
  return first && isServing ? [first[0]] : [];
}

/** Objects are asked for by a path below the field, such as `image.public_id`. */
function isServed({ path, mayHoldObjects }: TrackedField, served: readonly string[]): boolean {
  return served.some((one) => one === path || (mayHoldObjects && one.startsWith(`${path}.`)));
}

/** What is missing, and what to do: the lines to add to the schema, or the call that builds what it declares. */
export function indexAdvice({ modelName }: AnyModel, missing: readonly MissingIndex[]): string {
  const pathsWith = (state: MissingIndex['state']): string[] =>
    missing.filter((one) => one.state === state).map(({ path }) => path);
  const unbuilt = pathsWith('not built');
  const partial = pathsWith('partial');
  const undeclared = pathsWith('not declared');
  const advice = [
    unbuilt.length > 0 &&
      `the schema declares one for ${quoted(unbuilt)} that the database has not built: run ${modelName}.createIndexes() ` +
        'once (syncIndexes() does it, too, and drops what no schema declares), or leave autoIndex on',
    partial.length > 0 &&
      `a discriminator declares one for ${quoted(partial)}, which covers its own documents only: ` +
        `declare it on the base schema, ${linesFor(partial)}`,
    undeclared.length > 0 &&
      `${undeclared.length < missing.length ? 'others are' : 'it is'} not declared, add: ${linesFor(undeclared)}`,
  ].filter((one) => one !== false);
  return (
    `no index of "${modelName}" serves the question whether a file is still used, ` +
    `so each removal reads the whole collection; ${advice.join('; ')}`
  );
}

function quoted(paths: readonly string[]): string {
  return paths.map((path) => `"${path}"`).join(', ');
}

function linesFor(paths: readonly string[]): string {
  return paths.map((path) => `schema.index({ '${path}': 1 })`).join('; ');
}
