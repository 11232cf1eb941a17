import type { Schema } from 'mongoose';
import { imageField, type TrackedField } from './fields.js';
import type { AnyModel, CleanupOptions } from './options.js';
import type { NamedPath } from './fields-option.js';

/** A field that a plugin call names. */
export interface NamedField extends NamedPath {
  /** Absent while the schema does not have it: a discriminator of sub-documents is to bring it. */
  readonly field: TrackedField | undefined;
}

/** One call of `schema.plugin(imageCleanup, options)`. */
export interface Application {
  readonly options: CleanupOptions;
  /** Absent: the marked paths, looked up in the model's schema, which may have got more of them since. */
  readonly named: readonly NamedField[] | undefined;
  /** By `mongoose.plugin()` or `connection.plugin()`, which reach every schema of an app. */
  readonly isGlobal: boolean;
}

/**
 * Where an application is kept: on a hook function of ours. Mongoose loses foreign properties of a schema in `clone()`,
 * `cloneSchemas` and discriminators but carries the hooks along (seen on 7, 8 and 9). `Symbol.for`, so that an ESM and a
 * CommonJS copy of this package in one process know each other's.
 */
const APPLICATION = Symbol.for('mongoose-image-cleanup:application:1');

interface Hooks {
  readonly _pres?: ReadonlyMap<string, readonly { fn?: { [APPLICATION]?: Application } }[]>;
}

/** Keeps an application on a hook of the schema that Mongoose never runs: queries have no `save`. */
export function rememberApplication(schema: Schema, application: Application): void {
  const hook = (): void => undefined;
  Object.defineProperty(hook, APPLICATION, { value: application });
  schema.pre('save', { document: false, query: true } as never, hook as never);
}

/** The plugin calls of a schema, its own and those inherited from a base. */
export function applicationsOf(schema: Schema): Application[] {
  return applicationsIn((schema as { s?: { hooks?: Hooks } }).s?.hooks);
}

/** The plugin calls whose hooks a model runs: what its schema got after the model was compiled is not among them. */
export function applicationsOfModel(model: AnyModel): Application[] {
  return applicationsIn(
    (model as { hooks?: Hooks }).hooks ?? (model.schema as { s?: { hooks?: Hooks } }).s?.hooks,
  );
}

function applicationsIn(hooks: Hooks | undefined): Application[] {
  const found = (hooks?._pres?.get('save') ?? []).flatMap((hook) => hook.fn?.[APPLICATION] ?? []);
  return [...new Set(found)];
}

/** What a plugin call names; a field that was to come later is looked up once more. */
export function namedIn(
  { named = [] }: Application,
  schema: Schema,
): (NamedField & { field: TrackedField })[] {
  return named.flatMap((one) => {
    const field = one.field ?? fieldByNow(schema, one.path);
    return field ? [{ ...one, field }] : [];
  });
}

function fieldByNow(schema: Schema, path: string): TrackedField | undefined {
  try {
    return imageField(schema, path);
  } catch {
    return undefined;
  }
}
