import type { Schema } from 'mongoose';
import { checkMarks } from './schema/marked-fields.js';
import { hasField, imageField, mayComeLater } from './schema/named-fields.js';
import {
  pluginCallsOf,
  type PluginCall,
  rememberPluginCall,
  type NamedField,
  modelCompiledFrom,
} from './schema/plugin-calls.js';
import { spotsOf } from './schema/walk.js';
import { armDocuments } from './writes/arm-document.js';
import { armModels } from './writes/arm-model.js';
import { armQueries } from './writes/arm-query.js';
import { tellWhereParentLacksPlugin } from './schema/parent-without-plugin.js';
import type { CleanupOptions, NamedPath } from './schema/checked-options.js';
import type { AnyModel, AnySchema, ImageCleanupOptions } from './schema/options.js';
import { areSameOptions, readOptions } from './schema/read-options.js';
import { refuseUnknownKeep } from './schema/keep-option.js';
import { checkModel, checkTogether, refuseNothing } from './schema/check-calls.js';
import { globalCall, isAppliedGlobally, tellFieldsInNoSchema } from './schema/global-calls.js';
import { warn } from './shared/isolated.js';

/**
 * Mongoose plugin that removes image files which no document uses any more, whichever Mongoose call caused it. Files
 * are removed after the write is acknowledged and, in a transaction, after the commit. A file that a document still
 * uses is never removed.
 *
 * ```ts
 * schema.plugin(imageCleanup, { fields: ['image'] });
 * ```
 *
 * Several calls on one schema add up; they may differ only in `fields`, `provider` and `keep`. A call on the schema of
 * sub-documents applies to every parent schema that has the plugin.
 *
 * @throws TypeError if an option is wrong or unknown, if a field is unknown or cannot hold an image, if there are
 * neither `fields` nor marked paths, if a `keep` string names no file of a provider, or if a second call differs in
 * another option. Errors that are known only when the model is compiled are thrown by `mongoose.model()`.
 */
export function imageCleanup(schema: AnySchema, given?: ImageCleanupOptions): void {
  const options = readOptions(given);
  const isGlobal = isAppliedGlobally(schema, given);
  if (isGlobal && options.fields) tellFieldsInNoSchema(schema, options);
  const call = isGlobal ? globalCall(schema, options) : pluginCallFor(schema, options);
  // a call for all schemas does not apply to a schema that has none of its fields
  if (!call) return;
  refuseUnknownKeep(options);
  const earlier = pluginCallsOf(schema);
  if (earlier.some((one) => areSameOptions(one.options, options))) return;
  checkTogether([...earlier, call]);
  warnIfCompiled(schema, options);
  rememberPluginCall(schema, call);
  schema.on('init', (model: AnyModel) => {
    checkModel(model);
  });
  if (earlier.length > 0) return;
  armDocuments(schema);
  armQueries(schema);
  armModels(schema);
  tellWhereParentLacksPlugin(schema, options);
}

function pluginCallFor(schema: Schema, options: CleanupOptions): PluginCall {
  const named = options.fields?.map((one): NamedField => ({
    ...one,
    field: fieldNowOrLater(schema, one),
  }));
  const call = { options, isGlobal: false, named };
  if (!named) checkMarks(schema);
  // a discriminator that is declared later may bring the field of a sub-document
  const hasSubdocuments = [...spotsOf(schema, () => false)].some(({ type }) => type.schema);
  if (!hasSubdocuments) refuseNothing(call, schema);
  return call;
}

function fieldNowOrLater(schema: Schema, { path, text }: NamedPath): NamedField['field'] {
  if (!hasField(schema, path) && mayComeLater(schema, path)) return undefined;
  const index = text?.index;
  if (index !== undefined && !mayComeLater(schema, index)) imageField(schema, index);
  return imageField(schema, path, text);
}

/** Mongoose reads the hooks of a schema when a model is compiled. Hooks that are added later never run. */
function warnIfCompiled(schema: Schema, options: CleanupOptions): void {
  const model = modelCompiledFrom(schema);
  if (!model) return;
  warn(
    options,
    `the plugin was applied to the schema of "${model.modelName}" after the model was compiled, ` +
      'so it has no effect there; apply it before mongoose.model()',
  );
}
