import { createRequire } from 'node:module';
import type * as mingo from './mingo.js';
import type { Document } from './values.js';

/** The variables of `let`. */
export interface Scope {
  variables: Document;
}

type Bridge = typeof mingo;

const load = createRequire(__filename);
let loaded: Bridge | undefined;

/** mingo comes with the first expression: loading it takes longer than all else that the server needs to start. */
function bridge(): Bridge {
  return (loaded ??= load('./mingo.js') as Bridge);
}

export const compileExpression: Bridge['compileExpression'] = (expression, scope) =>
  bridge().compileExpression(expression, scope);

export const runStage: Bridge['runStage'] = (documents, stage, argument, scope) =>
  bridge().runStage(documents, stage, argument, scope);

export const checkExpressions: Bridge['checkExpressions'] = (argument, scope) =>
  bridge().checkExpressions(argument, scope);

export const isAccumulator: Bridge['isAccumulator'] = (name) => bridge().isAccumulator(name);
