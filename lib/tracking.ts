import type { Schema } from 'mongoose';
import { literalDefaults, markedFields, namedFields, type TrackedField } from './fields.js';
import type { AnyModel, CleanupOptions, KeepRule } from './options.js';
import type { StorageProvider } from './providers/provider.js';

/** A field together with the options of the plugin call that tracks it. */
export interface Tracked {
  readonly field: TrackedField;
  readonly options: CleanupOptions;
  /** Where the images of this field live: its own providers, or those of the plugin call. */
  readonly providers: readonly StorageProvider[];
  /** The rules of the plugin calls that name the field. */
  readonly keep: readonly KeepRule[];
}

/** One call of `schema.plugin(imageCleanup, options)`. */
export interface Application {
  readonly options: CleanupOptions;
  /** Absent: the marked paths, looked up in the model's schema, which may have got more of them since. */
  readonly named: readonly TrackedField[] | undefined;
}

/**
 * Where an application is kept: on a hook function of ours. Mongoose loses foreign properties of a schema in `clone()`,
 * `cloneSchemas` and discriminators but carries the hooks along (seen on 7, 8 and 9). `Symbol.for`, so that an ESM and a
 * CommonJS copy of this package in one process know each other's.
 */
const APPLICATION = Symbol.for('mongoose-image-cleanup:application:1');

type Hook = { fn?: { [APPLICATION]?: Application } };
type SchemaInside = { s?: { hooks?: { _pres?: Map<string, Hook[]> } } };

export function applicationFor(schema: Schema, options: CleanupOptions): Application {
  return { options, named: options.fields && namedFields(schema, options.fields) };
}

export function rememberApplication(hook: object, application: Application): void {
  Object.defineProperty(hook, APPLICATION, { value: application });
}

/** The plugin calls whose hooks a schema has, its own and those inherited from a base. */
export function applicationsOf(schema: Schema): Application[] {
  const hooks = (schema as SchemaInside).s?.hooks?._pres?.get('save') ?? [];
  return [...new Set(hooks.flatMap((hook) => hook.fn?.[APPLICATION] ?? []))];
}

/** The fields of a model, those of its discriminators among them: their documents live in the same collection. */
export function trackedOf(model: AnyModel): Tracked[] {
  const found = new Map<string, Tracked>();
  for (const one of [model, ...discriminatorsOf(model)]) {
    for (const { options, named } of applicationsOf(one.schema)) {
      for (const field of named ?? markedFields(one.schema)) {
        if (!found.has(field.path)) {
          const { providers, keep } = options;
          found.set(field.path, { field, options, providers, keep });
        }
      }
    }
  }
  return [...found.values()];
}

/**
 * Where a model can be asked for files: its tracked fields, or the marked ones of a model without the plugin.
 *
 * @throws Error when it has neither.
 */
export function fieldsToAsk(model: AnyModel): TrackedField[] {
  const tracked = trackedOf(model).map(({ field }) => field);
  const fields = tracked.length > 0 ? tracked : markedFields(model.schema);
  if (fields.length > 0) return fields;
  throw new Error(
    `references names the model "${model.modelName}", which has no tracked fields; name them: { model, fields }`,
  );
}

export function hasPlugin(model: AnyModel): boolean {
  return applicationsOf(model.schema).length > 0;
}

export function defaultsOf(model: AnyModel): unknown[] {
  return literalDefaults(
    model.schema,
    trackedOf(model).map(({ field }) => field),
  );
}

/** Writes through the base run the base's hooks only, so a plugin on a child alone misses them. */
export function baseWithoutPlugin(model: AnyModel): string | undefined {
  const { baseModelName } = model as { baseModelName?: string };
  const base = baseModelName === undefined ? undefined : model.db.models[baseModelName];
  return base && !hasPlugin(base) ? baseModelName : undefined;
}

function discriminatorsOf(model: AnyModel): AnyModel[] {
  return Object.values(model.discriminators ?? {}) as AnyModel[];
}
