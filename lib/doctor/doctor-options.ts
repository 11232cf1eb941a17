import { isModel, type AnyModel } from '../schema/options.js';
import { hasPlugin } from '../schema/tracking.js';

/** Options of `doctor`. */
export interface DoctorOptions {
  /** The models of the app. At least one has the plugin; the others of their connections are found by themselves. */
  models: readonly AnyModel[];
  /** Stored values that are looked at, for each field. Default 1 000. */
  sample?: number;
  /** Models and paths of which it is known that they hold no files of ours: `['User.githubAvatar', 'Log']`. Default none. */
  ignore?: readonly string[];
  /** Ends it: the promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Told of each step. */
  onProgress?: (step: string) => unknown;
}

/** The options as the code uses them. */
export interface CheckedDoctorOptions {
  readonly models: readonly AnyModel[];
  readonly sample: number;
  readonly ignore: ReadonlySet<string>;
  readonly signal: AbortSignal | undefined;
  readonly onProgress: ((step: string) => unknown) | undefined;
}

const KNOWN = ['models', 'sample', 'ignore', 'signal', 'onProgress'];

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkDoctorOptions(given: DoctorOptions): CheckedDoctorOptions {
  if (typeof given !== 'object' || given === null)
    throw new TypeError('doctor: the options must be an object, such as { models: [User] }');
  const unknown = Object.keys(given).find((key) => !KNOWN.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`doctor: unknown option "${unknown}"; known are: ${KNOWN.join(', ')}; take it out`);
  }
  const { sample = 1000, ignore = [], signal, onProgress } = given;
  if (!Number.isSafeInteger(sample) || sample < 1) {
    refuse('sample', sample, 'a whole number of at least 1');
  }
  if (!Array.isArray(ignore) || !ignore.every((one) => typeof one === 'string' && one !== '')) {
    refuse('ignore', ignore, "an array of models and paths, such as ['User.githubAvatar']");
  }
  if (signal !== undefined && !(signal instanceof AbortSignal)) refuse('signal', signal, 'an AbortSignal');
  if (onProgress !== undefined && typeof onProgress !== 'function')
    refuse('onProgress', onProgress, 'a function');
  return { models: checkModels(given.models), sample, ignore: new Set(ignore), signal, onProgress };
}

function checkModels(models: unknown): readonly AnyModel[] {
  if (!Array.isArray(models) || models.length === 0 || !models.every(isModel)) {
    refuse('models', models, 'a non-empty array of Mongoose models');
  }
  const given = [...new Set(models as AnyModel[])];
  if (given.some(hasPlugin)) return given;
  throw new TypeError(
    `doctor: none of the models ${given.map((one) => `"${one.modelName}"`).join(', ')} has the plugin; ` +
      'apply it before mongoose.model()',
  );
}

function refuse(name: string, given: unknown, allowed: string): never {
  const told =
    typeof given === 'string'
      ? `'${given}'`
      : Array.isArray(given)
        ? 'an array with other content'
        : String(given);
  throw new TypeError(
    `doctor: the option "${name}" is ${told}; allowed: ${allowed}; correct it or leave it out`,
  );
}
