import type { Schema } from 'mongoose';
import { isDeepStrictEqual } from 'node:util';
import { checkMarks, markedFields } from './marked-fields.js';
import { imageField } from './named-fields.js';
import { pluginCallsOf, pluginCallsOfModel, type PluginCall, childCallsOf } from './plugin-calls.js';
import type { CleanupOptions, NamedPath } from './checked-options.js';
import type { AnyModel } from './options.js';
import { isSameText } from './text-option.js';
import { areSame } from '../shared/groups.js';
import { shown } from '../shared/option-rules.js';

const NOTHING =
  "there is nothing to track; name the fields with schema.plugin(imageCleanup, { fields: ['image'] }), " +
  'or mark paths with image: { type: String, imageCleanup: true }';

/** @throws TypeError if a plugin call tracks nothing in the current schema. */
export function refuseNothing(call: PluginCall, schema: Schema, where = ''): void {
  if (tracksSomething(call, schema)) return;
  throw new TypeError(`imageCleanup: ${where}${NOTHING}`);
}

export function tracksSomething(call: PluginCall, schema: Schema): boolean {
  return call.named !== undefined || markedFields(schema).length > 0 || childCallsOf(schema).length > 0;
}

/**
 * Checks, when Mongoose has compiled a model, what was not known when the plugin was applied: the discriminators of
 * sub-documents, and the calls on a base schema.
 *
 * @throws TypeError that names the model.
 */
export function checkModel(model: AnyModel): void {
  const { schema, modelName } = model;
  const calls = pluginCallsOfModel(model);
  const base = (schema as { _baseSchema?: Schema })._baseSchema;
  checkTogether([...new Set([...(base ? pluginCallsOf(base) : []), ...calls])], modelName);
  for (const call of calls) {
    if (call.isGlobal) continue;
    refuseNothing(call, schema, `the model "${modelName}": `);
    naming(modelName, () => {
      for (const { path, text, field } of call.named ?? []) if (!field) imageField(schema, path, text);
      if (!call.named) checkMarks(schema);
    });
  }
}

function naming(modelName: string, act: () => void): void {
  try {
    act();
  } catch (thrown) {
    if (!(thrown instanceof TypeError)) throw thrown;
    throw new TypeError(`${thrown.message} (the model "${modelName}")`, { cause: thrown });
  }
}

/**
 * Several calls add up, on one schema, or on a base and its discriminators. Options that are not about fields apply to
 * all documents of a collection.
 *
 * @throws TypeError if the calls differ in anything but `fields`, `provider` and `keep`, or give one field two
 * providers.
 */
export function checkTogether(calls: readonly PluginCall[], modelName?: string): void {
  const [first, ...others] = calls;
  if (!first) return;
  const whose = modelName === undefined ? 'of this schema' : `of the model "${modelName}"`;
  const common = commonOf(first.options);
  for (const { options } of others) {
    const own = commonOf(options);
    const name = Object.keys(common).find((one) => !isDeepStrictEqual(common[one], own[one]));
    if (name !== undefined) {
      throw new TypeError(
        `imageCleanup: the plugin calls ${whose} differ in the option "${name}" (${shown(common[name])} and ` +
          `${shown(own[name])}); the calls on one schema, on its base and on its discriminators may differ in fields, ` +
          `provider and keep only; give each of them the same "${name}"`,
      );
    }
  }
  refuseTwoReaders(calls, whose);
}

/** If a field is a text for one call and an image for another, each call would miss what the other reads. */
function refuseTwoReaders(calls: readonly PluginCall[], whose: string): void {
  const known = new Map<string, Pick<NamedPath, 'providers' | 'text'>>();
  for (const { named = [], options } of calls) {
    for (const { path, text, providers: own } of named) {
      const providers = own ?? (options.isProviderGiven ? options.providers : undefined);
      const earlier = known.get(path);
      known.set(path, { providers, text });
      if (!earlier) continue;
      const names = `imageCleanup: the plugin calls ${whose} name the field "${path}"`;
      if (!areSame(earlier.providers ?? [], providers ?? [])) {
        throw new TypeError(
          `${names} with different providers; name it in one of them, or give both calls the same provider object`,
        );
      }
      if (!isSameText(earlier.text, text)) {
        throw new TypeError(
          `${names} with different values of "in" or "index"; name it in one of them, or give both the same`,
        );
      }
    }
  }
}

/** The options that must be equal in all calls, with defaults, by name. */
function commonOf(options: CleanupOptions): Record<string, unknown> {
  const { given, references, mentionsUpTo, removal, timeoutMs, retry, maxDocuments } = options;
  const { journal, gracePeriodMs: gracePeriod, onEvent, logger } = options;
  const { enabled = true, dryRun = false } = given;
  return {
    ...{ references, mentionsUpTo, enabled, dryRun, removal, timeoutMs, retry, maxDocuments },
    ...{ journal, gracePeriod, onEvent, logger },
  };
}
