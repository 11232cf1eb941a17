import type { Connection, Schema } from 'mongoose';
import { hasField, imageField } from './named-fields.js';
import type { PluginCall, NamedField } from './plugin-calls.js';
import { once, spotsOf } from './walk.js';
import type { CleanupOptions, NamedPath } from './checked-options.js';
import type { AnyModel, ImageCleanupOptions } from './options.js';
import { tracksSomething } from './check-calls.js';
import { warn } from '../shared/isolated.js';
import { storedOn } from '../shared/stored-on.js';

interface GlobalMarks {
  readonly $globalPluginsApplied?: boolean;
  readonly $connectionPluginsApplied?: boolean;
  readonly base?: { readonly plugins?: Registered; readonly connections?: readonly Connection[] };
}

type Registered = readonly (readonly [unknown, unknown])[];

/**
 * Whether the call comes from `mongoose.plugin()` or `connection.plugin()`, which reach every schema of an app, also
 * those without images.
 */
export function isAppliedGlobally(schema: Schema, options: ImageCleanupOptions | undefined): boolean {
  const { $globalPluginsApplied, $connectionPluginsApplied, base } = schema as GlobalMarks;
  const isReached = $globalPluginsApplied === true || $connectionPluginsApplied === true;
  if (options?.fields === undefined) return isReached || options?.deduplicate === true;
  // A schema stays marked afterwards; a later call that names its own fields is about this schema only.
  const connections = (base?.connections ?? []) as readonly { plugins?: Registered }[];
  const registered = [base?.plugins, ...connections.map(({ plugins }) => plugins)];
  return isReached && registered.some((plugins) => plugins?.some(([, given]) => given === options));
}

/** The part of a call for all schemas that applies to one of them; `undefined` if the schema has none of its fields. */
export function globalCall(schema: Schema, options: CleanupOptions): PluginCall | undefined {
  const named = options.fields && namedGlobally(schema, options, options.fields);
  const call = { options, isGlobal: true, named };
  const isConcerned = named
    ? named.length > 0 || hasFieldBelow(schema, options.fields ?? [])
    : tracksSomething(call, schema);
  return isConcerned ? call : undefined;
}

/**
 * Tracks the fields that the schema has. A path that cannot hold an image is logged and not refused, since the schema
 * may belong to another package.
 */
function namedGlobally(schema: Schema, options: CleanupOptions, fields: readonly NamedPath[]): NamedField[] {
  return fields.flatMap((one) => {
    if (!hasField(schema, one.path)) return [];
    try {
      return [{ ...one, field: imageField(schema, one.path, one.text) }];
    } catch (thrown) {
      tellAtCompile(schema, options, (thrown as Error).message);
      return [];
    }
  });
}

/** The plugin also reaches the schemas of sub-documents; their fields are tracked through the parent schema. */
function hasFieldBelow(schema: Schema, fields: readonly NamedPath[]): boolean {
  const homes = [...spotsOf(schema, once)].map(({ home }) => home);
  const inner = new Set(homes.filter(({ prefix }) => prefix !== '').map((home) => home.schema));
  return [...inner].some((one) => fields.some(({ path }) => hasField(one, path)));
}

function tellAtCompile(schema: Schema, options: CleanupOptions, message: string): void {
  schema.once('init', ({ modelName }: AnyModel) => {
    warn(
      options,
      `the model "${modelName}" is not tracked by the plugin call for all schemas: ${message}; ` +
        'or leave "fields" out of that call, and mark the paths in their schemas with image: { type: String, imageCleanup: true }',
    );
  });
}

const WATCHED = Symbol.for('mongoose-image-cleanup:global-fields:1');

/**
 * A global call ignores schemas that have none of its fields, so a misspelled field would have no effect. When the
 * connection is open, all models of an app are registered, and such a field is logged once.
 */
export function tellFieldsInNoSchema(schema: Schema, options: CleanupOptions): void {
  schema.on('init', (model: AnyModel) => {
    const { base } = model;
    const watched = storedOn(base, WATCHED, () => new WeakSet<object>());
    if (watched.has(options.given)) return;
    watched.add(options.given);
    const look = (): void => {
      warnOfFieldsInNoSchema([...base.connections, model.db], options);
    };
    if (model.db.readyState === 1) setImmediate(look);
    else model.db.once('open', look);
  });
}

function warnOfFieldsInNoSchema(connections: readonly Connection[], options: CleanupOptions): void {
  const models = connections.flatMap((one) => Object.values(one.models) as AnyModel[]);
  for (const field of options.fields ?? []) {
    const { path } = field;
    if (models.some(({ schema }) => hasField(schema, path) || hasFieldBelow(schema, [field]))) continue;
    warn(
      options,
      `no model has the field "${path}" of the plugin call for all schemas, so naming it has no effect; ` +
        'correct it, or leave "fields" out and mark the paths in their schemas with ' +
        'image: { type: String, imageCleanup: true }',
    );
  }
}
