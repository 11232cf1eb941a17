import type { AnyModel } from '../schema/options.js';
import { unknownKeepStrings } from '../schema/keep-option.js';
import { pluginCallsOf } from '../schema/plugin-calls.js';
import { baseWithoutPlugin, childFieldsOf, hasPlugin } from '../schema/model-fields.js';
import { asError } from '../shared/time-limit.js';
import type { Examination } from './examination.js';

/** Finds plugin calls and rules that have no effect. */
export function examinePlugins(run: Examination): void {
  run.begin('plugin calls');
  for (const model of run.registered) examineRegistered(run, model);
  for (const model of run.models) {
    examineKeep(run, model);
    noteSwitches(run, model);
  }
}

function examineRegistered(run: Examination, model: AnyModel): void {
  const { modelName: about, schema } = model;
  const kind = 'plugin-without-effect';
  if (hasPlugin(model)) {
    const base = baseWithoutPlugin(model);
    if (base === undefined) return;
    const message = `the plugin is on the discriminator and not on its base "${base}", so writes through the base do not remove its files`;
    run.find({ kind, about, message, advice: `apply it to the schema of "${base}"` });
  } else if (pluginCallsOf(schema).length > 0) {
    const message = 'the plugin was applied after the model was compiled, so none of its hooks run';
    run.find({ kind, about, message, advice: 'apply it before mongoose.model()' });
  } else {
    const paths = childFieldsOf(model);
    if (paths.length === 0) return;
    const message = `the plugin is on a schema of sub-documents (${paths.join(', ')}) and not on the schema around it, so it has no effect`;
    const fields = paths.map((path) => `'${path}'`).join(', ');
    run.find({
      kind,
      about,
      message,
      advice: `apply it to the schema of "${about}": schema.plugin(imageCleanup, { fields: [${fields}] })`,
    });
  }
}

function examineKeep(run: Examination, model: AnyModel): void {
  const strings = new Set(pluginCallsOf(model.schema).flatMap(({ options }) => unknownKeepStrings(options)));
  if (strings.size === 0) return;
  run.find({
    kind: 'useless-keep',
    about: model.modelName,
    message: 'strings in "keep" name no file of any provider, so they protect nothing',
    advice: 'write them as documents store them, or write regular expressions',
    count: strings.size,
    examples: [...strings].slice(0, 3),
  });
}

/** A disabled plugin is a note and no finding: the process that runs the doctor is often not the one that removes files. */
function noteSwitches(run: Examination, model: AnyModel): void {
  const options = run.owners.find((owner) => owner.model === model)?.options;
  if (!options) return;
  const name = model.modelName;
  try {
    const isOn: unknown = options.isEnabled();
    if (isOn instanceof Promise) isOn.catch(() => undefined);
    if (isOn !== true)
      run.note(`"${name}": the option "enabled" is ${String(isOn)} in this process, so nothing is removed`);
  } catch (thrown) {
    run.note(`"${name}": the option "enabled" threw, which counts as off: ${asError(thrown).message}`);
  }
  if (options.isDryRun())
    run.note(`"${name}": the option "dryRun" is on in this process, so nothing is removed`);
}
