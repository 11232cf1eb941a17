import { MODELS, withPlugin } from '../schema/models-option.js';
import type { AnyModel } from '../schema/options.js';
import {
  checkOptions,
  FUNCTION,
  integer,
  isListOf,
  isText,
  SIGNAL,
  type Rules,
} from '../shared/option-rules.js';

/** Options of `doctor`. */
export interface DoctorOptions {
  /**
   * The models of the app, of which at least one has the plugin. The doctor finds other models of their connections
   * itself.
   */
  models: readonly AnyModel[];
  /** Number of stored values to read for each field. Default 1,000. */
  sample?: number;
  /** Models and paths that hold none of your files: `['User.githubAvatar', 'Log']`. Default: none. */
  ignore?: readonly string[];
  /** Stops the doctor; its promise rejects with the signal's reason. */
  signal?: AbortSignal;
  /** Called with a description of each step. */
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

const RULES: Rules<Required<DoctorOptions>> = {
  models: MODELS,
  sample: integer(1),
  ignore: { allowed: "an array of models and paths, such as ['User.githubAvatar']", is: isListOf(isText) },
  signal: SIGNAL,
  onProgress: FUNCTION,
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function readDoctorOptions(given: DoctorOptions): CheckedDoctorOptions {
  checkOptions('doctor', given, RULES);
  const { models, sample = 1000, ignore = [], signal, onProgress } = given;
  return { models: withPlugin('doctor', models), sample, ignore: new Set(ignore), signal, onProgress };
}
