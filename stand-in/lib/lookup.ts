import type { PipelineScope } from './aggregate.js';
import { runPipeline } from './aggregate.js';
import type { Collation } from './collation.js';
import { hash } from './compare.js';
import { CommandError } from './errors.js';
import { compileExpression } from './expressions.js';
import { someValue } from './paths.js';
import { assignAt } from './project.js';
import type { Document } from './values.js';
import { isDocument } from './values.js';

/**
 * mingo gives undefined entries for misses of an array of ids, and ignores localField and foreignField where there is
 * a pipeline too.
 */
export function lookup(documents: Document[], argument: unknown, scope: PipelineScope): Document[] {
  if (!isDocument(argument)) throw new CommandError(9, 'the $lookup specification must be an Object');
  const { from, as, localField, foreignField, pipeline } = argument;
  if (typeof as !== 'string') throw new CommandError(9, "must specify 'as' field for a $lookup");
  if ((localField === undefined) !== (foreignField === undefined)) {
    throw new CommandError(
      9,
      "$lookup requires both or neither of 'localField' and 'foreignField' to be specified",
    );
  }
  if (localField === undefined && pipeline === undefined) {
    throw new CommandError(9, "$lookup requires either 'pipeline' or both 'localField' and 'foreignField'");
  }
  const foreign =
    from === undefined ? [] : scope.documentsOf(isDocument(from) ? String(from['coll']) : String(from));
  const partnersOf =
    localField === undefined
      ? () => foreign
      : hashJoin(foreign, String(foreignField).split('.'), String(localField).split('.'), scope.collation);
  const variables = Object.entries((argument['let'] ?? {}) as Document).map(
    ([name, expression]) => [name, compileExpression(expression, scope)] as const,
  );
  return documents.map((document) => {
    let partners = partnersOf(document);
    if (pipeline !== undefined) {
      const own = Object.fromEntries(variables.map(([name, evaluate]) => [name, evaluate(document) ?? null]));
      const { write: _write, ...inner } = { ...scope, variables: { ...scope.variables, ...own } };
      partners = runPipeline(partners, pipeline, inner);
    }
    return assignAt(document, as.split('.'), partners);
  });
}

function hashJoin(
  foreign: Document[],
  foreignParts: string[],
  localParts: string[],
  collation: Collation | undefined,
): (document: Document) => Document[] {
  const byHash = new Map<string, number[]>();
  foreign.forEach((document, position) => {
    for (const key of hashesAt(document, foreignParts, collation)) {
      const positions = byHash.get(key);
      if (positions) positions.push(position);
      else byHash.set(key, [position]);
    }
  });
  return (document) => {
    const positions = new Set<number>();
    for (const key of hashesAt(document, localParts, collation)) {
      for (const position of byHash.get(key) ?? []) positions.add(position);
    }
    return [...positions].sort((a, b) => a - b).map((position) => foreign[position]!);
  };
}

/** A missing field joins with null. */
function hashesAt(document: Document, parts: string[], collation: Collation | undefined): Set<string> {
  const hashes = new Set<string>();
  someValue(document, parts, (value) => {
    if (!Array.isArray(value)) hashes.add(hash(value ?? null, collation));
    return false;
  });
  return hashes;
}
