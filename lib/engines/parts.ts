import type { Connection, Mongoose } from 'mongoose';
import { Deliveries } from '../journal/deliveries.js';
import { ProblemReport } from '../journal/problem-report.js';
import { cleanersOf } from '../removal/cleaners.js';
import type { AnyModel } from '../schema/options.js';
import { everyMilliseconds } from '../shared/duration.js';
import { FUNCTION, ANYTHING, checkOptions, integer, type Rule } from '../shared/option-rules.js';
import type { EngineOptions } from './options.js';

/** The options of both workers, parsed. */
export interface EngineSettings {
  readonly everyMs: number;
  readonly concurrency: number;
  readonly onError: ((error: Error) => unknown) | undefined;
}

/** What the worker of any engine needs. */
export interface EngineParts {
  readonly deliveries: Deliveries;
  /** Reports problems with the engine itself. */
  readonly trouble: ProblemReport;
  /** Reports problems in jobs. */
  readonly troubleOfJobs: ProblemReport;
  readonly settings: EngineSettings;
}

/** What the app calls, and for which models. */
export interface EngineCall {
  readonly owner: string;
  readonly target: AnyModel | Connection | Mongoose;
}

/** `own` are the rules of the options that only this engine has. @throws TypeError if the target or an option is wrong. */
export function enginePartsOf(
  { owner, target }: EngineCall,
  options: EngineOptions,
  own: Readonly<Record<string, Rule>>,
): EngineParts {
  const cleaners = cleanersOf(owner, target);
  const settings = readEngineOptions(owner, options, own);
  const listeners = { owner, cleaners, onError: settings.onError };
  return {
    deliveries: new Deliveries(cleaners),
    trouble: new ProblemReport(listeners),
    troubleOfJobs: new ProblemReport(listeners),
    settings,
  };
}

function readEngineOptions(
  owner: string,
  options: EngineOptions,
  own: Readonly<Record<string, Rule>>,
): EngineSettings {
  checkOptions(owner, options, {
    every: ANYTHING,
    concurrency: integer(1, 100),
    onError: FUNCTION,
    ...own,
  });
  const { every = '10s', concurrency = 4, onError } = options;
  return { everyMs: Math.round(everyMilliseconds(owner, every, 100)), concurrency, onError };
}
