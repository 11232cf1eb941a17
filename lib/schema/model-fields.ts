import type { Schema } from 'mongoose';
import { literalDefaults } from './field-values.js';
import { markedFields } from './marked-fields.js';
import { hasField, imageField } from './named-fields.js';
import { pluginCallsOfModel, namedIn, type PluginCall, childCallsOf } from './plugin-calls.js';
import { eitherField, fieldWithin, type TrackedField } from './tracked-field.js';
import { everywhere, spotsOf } from './walk.js';
import type { CleanupOptions } from './checked-options.js';
import type { AnyModel, KeepRule } from './options.js';
import { areSame, groupBy } from '../shared/groups.js';
import { warn } from '../shared/isolated.js';
import type { StorageProvider } from '../providers/provider.js';

/** A field with the options of the plugin call that tracks it. */
export interface Tracked {
  readonly field: TrackedField;
  readonly options: CleanupOptions;
  /** The providers of this field's images: its own, or those of the plugin call. */
  readonly providers: readonly StorageProvider[];
  /** The rules of the plugin calls that name the field. */
  readonly keep: readonly KeepRule[];
}

/** Without providers, the field is read by those of others. */
type ReadField = Pick<Tracked, 'field'> & { readonly providers?: Tracked['providers'] | undefined };

/** Facts about a model that stay valid until the model or one of its sub-documents gets more discriminators. */
interface Known {
  readonly discriminators: readonly AnyModel[];
  /** The schemas of sub-documents, and the number of discriminators that each had. */
  readonly children: readonly (readonly [schema: Schema, discriminators: number])[];
  readonly tracked: readonly Tracked[];
  readonly defaults: readonly { readonly value: unknown; readonly providers: readonly StorageProvider[] }[];
}

const KNOWN = Symbol.for('mongoose-image-cleanup:tracked:1');

/** The fields of a model, including those of its discriminators, whose documents are in the same collection. */
export function trackedOf(model: AnyModel): readonly Tracked[] {
  return knownOf(model).tracked;
}

/** Literal schema defaults at tracked fields, each with the providers that read it. */
export function defaultsOf(model: AnyModel): Known['defaults'] {
  return knownOf(model).defaults;
}

function knownOf(model: AnyModel): Known {
  const discriminators = discriminatorsOf(model);
  const known = Object.hasOwn(model, KNOWN) ? (model as { [KNOWN]?: Known })[KNOWN] : undefined;
  if (known && areSame(known.discriminators, discriminators) && areStillSame(known.children)) return known;
  const tracked = readTracked([model, ...discriminators]);
  const defaults = tracked.flatMap(({ field, providers }) =>
    literalDefaults(model.schema, field).map((value) => ({ value, providers })),
  );
  const children = [model, ...discriminators].flatMap(({ schema }) => childrenOf(schema));
  const fresh: Known = { discriminators, children, tracked, defaults };
  Object.defineProperty(model, KNOWN, { value: fresh, configurable: true });
  return fresh;
}

function childrenOf(schema: Schema): Known['children'] {
  const schemas = [...spotsOf(schema, everywhere)].flatMap(({ type }) => type.schema ?? []);
  return [...new Set(schemas)].map((child) => [child, countOf(child)]);
}

function areStillSame(children: Known['children']): boolean {
  return children.every(([schema, discriminators]) => countOf(schema) === discriminators);
}

function countOf(schema: Schema): number {
  return Object.keys((schema as { discriminators?: object }).discriminators ?? {}).length;
}

function readTracked(models: readonly AnyModel[]): Tracked[] {
  const all = models.flatMap((model) => trackedBy(model.schema, pluginCallsOfModel(model)));
  return byPath(all).map((same) => together(same, same[0]!));
}

function byPath<T extends Tracked>(all: readonly T[]): T[][] {
  return [...groupBy(all, ({ field }) => field.path).values()];
}

/** What one plugin call says about a field. */
interface Claim extends Tracked {
  readonly isProviderGiven: boolean;
}

/**
 * What the plugin calls of a schema track. Fields that a call names come before those of calls on child schemas, and
 * marked paths come last. The first one with a provider decides, and the keep rules of all apply.
 */
export function trackedBy(schema: Schema, calls: readonly PluginCall[]): Tracked[] {
  const [naming, marking] = [calls.filter(({ named }) => named), calls.filter(({ named }) => !named)];
  const claims = [
    ...naming.flatMap((one) => claimsOf(one, schema)),
    ...claimsByChildren(schema, calls),
    ...marking.flatMap((one) => claimsOf(one, schema)),
  ];
  return byPath(claims.flatMap((one) => withIndex(one, schema))).map((same) =>
    together(same, same.find((one) => one.isProviderGiven) ?? same[0]!),
  );
}

/** The array beside a text is a field of its own. */
function withIndex(claim: Claim, schema: Schema): Claim[] {
  const { index } = claim.field.text ?? {};
  if (index === undefined || !hasField(schema, index)) return [claim];
  return [claim, { ...claim, field: { ...imageField(schema, index), isOfText: true } }];
}

/** The fields that a call names; without any, the marked ones. */
function claimsOf(call: PluginCall, schema: Schema): Claim[] {
  const { options } = call;
  const tell = (what: string): void => {
    warn(options, what);
  };
  const fields: readonly ReadField[] = call.named
    ? namedIn(call, schema)
    : markedFields(schema, tell).map((field) => ({ field }));
  return fields.map(({ field, providers: own }) => ({
    field,
    options,
    providers: own ?? options.providers,
    keep: options.keep,
    isProviderGiven: own !== undefined || options.isProviderGiven,
  }));
}

/** Treats the fields of child schemas as if the parent's calls had named them. Other options are those of the parent. */
function claimsByChildren(schema: Schema, parents: readonly PluginCall[]): Claim[] {
  const [parent] = parents;
  if (!parent) return [];
  const { options } = parent;
  const keep = parents.flatMap((one) => one.options.keep);
  return childCallsOf(schema).flatMap(({ home, call }) =>
    claimsOf(call, home.schema).map((claim) => ({
      ...claim,
      field: fieldWithin(home, claim.field),
      options,
      providers: claim.isProviderGiven ? claim.providers : options.providers,
      keep: [...claim.keep, ...keep],
    })),
  );
}

function together(all: readonly Tracked[], { options, providers }: Tracked): Tracked {
  return {
    field: all.map(({ field }) => field).reduce(eitherField),
    options,
    providers,
    keep: [...new Set(all.flatMap(({ keep }) => keep))],
  };
}

/**
 * The fields of a model that are asked for files: its tracked fields with their providers, or the marked fields of a
 * model without the plugin, which are read with the providers of those who ask. Empty if the plugin tracks nothing.
 *
 * @throws Error if the model has neither.
 */
export function fieldsToAsk(model: AnyModel): readonly ReadField[] {
  const tracked = trackedOf(model);
  if (tracked.length > 0 || hasPlugin(model)) return tracked;
  const marked = markedFields(model.schema);
  if (marked.length > 0) return marked.map((field) => ({ field }));
  throw new Error(
    `references names the model "${model.modelName}", which has no tracked fields; name them: { model, fields }`,
  );
}

export function hasPlugin(model: AnyModel): boolean {
  return pluginCallsOfModel(model).length > 0;
}

/** The fields of plugin calls on the schemas of a model's sub-documents. */
export function childFieldsOf({ schema }: AnyModel): string[] {
  const paths = childCallsOf(schema).flatMap(({ home, call }) =>
    trackedBy(home.schema, [call]).map(({ field }) => home.prefix + field.path),
  );
  return [...new Set(paths)];
}

/** Writes through the base run only the hooks of the base, so a plugin on the discriminator alone misses them. */
export function baseWithoutPlugin(model: AnyModel): string | undefined {
  const { baseModelName } = model as { baseModelName?: string };
  const base = baseModelName === undefined ? undefined : model.db.models[baseModelName];
  return base && !hasPlugin(base) ? baseModelName : undefined;
}

function discriminatorsOf(model: AnyModel): AnyModel[] {
  return Object.values(model.discriminators ?? {}) as AnyModel[];
}
