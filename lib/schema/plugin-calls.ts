import type { Connection, Schema } from 'mongoose';
import { imageField } from './named-fields.js';
import type { TrackedField } from './tracked-field.js';
import type { CleanupOptions, NamedPath } from './checked-options.js';
import type { AnyModel } from './options.js';
import { everywhere, spotsOf, type Home } from './walk.js';

/** A field that a plugin call names. */
export interface NamedField extends NamedPath {
  /** Absent if the schema does not have the field yet: a discriminator of sub-documents is expected to declare it. */
  readonly field: TrackedField | undefined;
}

/** One call of `schema.plugin(imageCleanup, options)`. */
export interface PluginCall {
  readonly options: CleanupOptions;
  /**
   * Absent: the marked paths. They are read from the model's schema, which may have more of them than the schema of the
   * call.
   */
  readonly named: readonly NamedField[] | undefined;
  /** Whether it was called by `mongoose.plugin()` or `connection.plugin()`, which reach every schema of an app. */
  readonly isGlobal: boolean;
}

/**
 * Where a call is stored: on a hook function of this library. Mongoose drops foreign properties of a schema in
 * `clone()`, `cloneSchemas` and discriminators, but keeps the hooks (observed with 7, 8 and 9). `Symbol.for`, so that
 * an ESM and a CommonJS copy of this package in one process see each other's calls.
 */
const PLUGIN_CALL = Symbol.for('mongoose-image-cleanup:call:1');

interface Hooks {
  readonly _pres?: ReadonlyMap<string, readonly { fn?: { [PLUGIN_CALL]?: PluginCall } }[]>;
}

/** Stores a call on a hook of the schema that Mongoose never runs, since queries have no `save`. */
export function rememberPluginCall(schema: Schema, call: PluginCall): void {
  const hook = (): void => undefined;
  Object.defineProperty(hook, PLUGIN_CALL, { value: call });
  schema.pre('save', { document: false, query: true } as never, hook as never);
}

/** The plugin calls of a schema, its own and those inherited from a base. */
export function pluginCallsOf(schema: Schema): PluginCall[] {
  return pluginCallsIn((schema as { s?: { hooks?: Hooks } }).s?.hooks);
}

/** The plugin calls whose hooks a model runs. Calls after the model was compiled are not among them. */
export function pluginCallsOfModel(model: AnyModel): PluginCall[] {
  return pluginCallsIn(
    (model as { hooks?: Hooks }).hooks ?? (model.schema as { s?: { hooks?: Hooks } }).s?.hooks,
  );
}

function pluginCallsIn(hooks: Hooks | undefined): PluginCall[] {
  const found = (hooks?._pres?.get('save') ?? []).flatMap((hook) => hook.fn?.[PLUGIN_CALL] ?? []);
  return [...new Set(found)];
}

/** The fields that a plugin call names. A field that was expected later is looked up again. */
export function namedIn(
  { named = [] }: PluginCall,
  schema: Schema,
): (NamedField & { field: TrackedField })[] {
  return named.flatMap((one) => {
    const field = one.field ?? fieldByNow(schema, one);
    return field ? [{ ...one, field }] : [];
  });
}

function fieldByNow(schema: Schema, { path, text }: NamedPath): TrackedField | undefined {
  try {
    return imageField(schema, path, text);
  } catch {
    return undefined;
  }
}

/** A plugin call on the schema of sub-documents, and their path. */
export interface ChildCall {
  readonly home: Home;
  readonly call: PluginCall;
}

/** Plugin calls on the schemas that a schema contains, at any depth, including those of embedded discriminators. */
export function childCallsOf(schema: Schema): ChildCall[] {
  const homes = new Set([...spotsOf(schema, everywhere)].map(({ home }) => home));
  return [...homes]
    .filter(({ prefix }) => prefix !== '')
    .flatMap((home) => pluginCallsOf(home.schema).map((call) => ({ home, call })));
}

interface SchemaInside {
  readonly base?: { readonly connections?: readonly Connection[] };
  readonly $id?: number;
  readonly $originalSchemaId?: number;
}

/**
 * The model that was compiled from a schema before. Mongoose has already read its hooks, so that later changes of the
 * schema have no effect. A discriminator is compiled from a copy of the given schema.
 */
export function modelCompiledFrom(schema: Schema): AnyModel | undefined {
  const { base, $id } = schema as SchemaInside;
  const connections = (base?.connections ?? []) as readonly (Connection & { otherDbs?: Connection[] })[];
  const models = connections
    .flatMap((one) => [one, ...(one.otherDbs ?? [])])
    .flatMap((one) => Object.values(one.models) as AnyModel[]);
  return models.find((model) => {
    const { $originalSchemaId } = model.schema as SchemaInside;
    const isCopy = $originalSchemaId !== undefined && $originalSchemaId === $id;
    return (
      model.schema === schema || (isCopy && (model as { baseModelName?: string }).baseModelName !== undefined)
    );
  });
}
