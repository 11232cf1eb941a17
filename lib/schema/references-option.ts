import type { References } from './checked-options.js';
import { isModel } from './models-option.js';
import type { ReferenceFields, ReferenceSource } from './options.js';
import { isListOf, isPlainObject, isText, oneOf, refuse, refuseUnknown } from '../shared/option-rules.js';

const REFERENCES = { owner: 'imageCleanup', name: 'references' };
const KEYS = ['model', 'fields', 'mentions'] satisfies (keyof ReferenceFields)[];
const SCOPES = ['connection', 'model', 'document'] as const;
type ScopeName = (typeof SCOPES)[number];

/** @throws TypeError for anything but a scope, or an array of sources and at most one narrower scope. */
export function readReferences(given: unknown): References {
  if (given === undefined) return { scope: 'connection', sources: [] };
  if (!Array.isArray(given)) {
    if (!isScope(given)) refuse({ ...REFERENCES, given, allowed: oneOf(...SCOPES).allowed });
    return { scope: given, sources: [] };
  }
  const scopes = new Set(given.filter(isScope));
  if (scopes.size > 1) {
    throw new TypeError(
      `imageCleanup: the option "references" has ${[...scopes].map((one) => `'${one}'`).join(' and ')}; ` +
        "allowed: one of 'connection', 'model' and 'document' in the array; keep only one of them",
    );
  }
  const [scope = 'connection'] = scopes;
  return { scope, sources: given.filter((one) => !isScope(one)).map(readSource) };
}

function isScope(one: unknown): one is ScopeName {
  return SCOPES.includes(one as ScopeName);
}

function readSource(source: unknown): ReferenceSource {
  if (isModelOrName(source) || typeof source === 'function') return source as ReferenceSource;
  const allowed = 'a model, a model name, { model, fields }, a function or a scope in the array';
  const problem = isPlainObject(source) ? problemOf(source) : '';
  if (problem !== undefined) refuse({ ...REFERENCES, given: source, allowed: allowed + problem });
  return source as unknown as ReferenceSource;
}

function problemOf(source: Record<string, unknown>): string | undefined {
  refuseUnknown('imageCleanup: unknown key of an entry of "references"', source, KEYS);
  const { model, fields, mentions = false } = source;
  if (!isModelOrName(model)) return '; its "model" a model or a model name';
  const isList = isListOf(isText)(fields) && (fields as unknown[]).length > 0;
  if (!isList) return '; its "fields" a non-empty array of schema paths';
  return typeof mentions === 'boolean' ? undefined : '; its "mentions" true or false';
}

function isModelOrName(one: unknown): boolean {
  return isText(one) || isModel(one);
}
