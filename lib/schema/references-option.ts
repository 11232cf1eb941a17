import type { AnyModel, ReferenceSource, References } from './options.js';
import { isPlainObject, oneOf, refuse, refuseUnknown } from '../shared/check-options.js';

const SCOPES = ['connection', 'model', 'document'] as const;
type ScopeName = (typeof SCOPES)[number];

/** @throws TypeError for anything but a scope, or an array of at most one narrower scope and of sources. */
export function checkReferences(given: unknown): References {
  if (given === undefined) return { scope: 'connection', sources: [] };
  if (!Array.isArray(given)) return { scope: oneOf('references', given, SCOPES), sources: [] };
  const scopes = new Set(given.filter(isScope));
  if (scopes.size > 1) {
    refuse(
      'references',
      [...scopes].map((one) => `'${one}'`).join(' and '),
      "one of 'connection', 'model' and 'document' in the array",
      'leave one of them',
    );
  }
  const [scope = 'connection'] = scopes;
  return { scope, sources: given.filter((one) => !isScope(one)).map(checkSource) };
}

function isScope(one: unknown): one is ScopeName {
  return SCOPES.includes(one as ScopeName);
}

function checkSource(source: unknown): ReferenceSource {
  if (isModelOrName(source) || typeof source === 'function') return source as ReferenceSource;
  const allowed = 'a model, a model name, { model, fields }, a function or a scope in the array';
  if (!isPlainObject(source)) refuse('references', source, allowed);
  refuseUnknown('key of an entry of "references"', source, ['model', 'fields', 'mentions']);
  const { model, fields, mentions } = source;
  if (!isModelOrName(model)) refuse('references', source, `${allowed}; its "model" a model or a model name`);
  if (!isListOfPaths(fields)) {
    refuse('references', source, `${allowed}; its "fields" a non-empty array of schema paths`);
  }
  if (mentions !== undefined && typeof mentions !== 'boolean') {
    refuse('references', source, `${allowed}; its "mentions" true or false`);
  }
  return source as unknown as ReferenceSource;
}

function isListOfPaths(fields: unknown): boolean {
  return (
    Array.isArray(fields) &&
    fields.length > 0 &&
    fields.every((path) => typeof path === 'string' && path !== '')
  );
}

export function isModel(one: unknown): one is AnyModel {
  return typeof one === 'function' && typeof (one as { modelName?: unknown }).modelName === 'string';
}

function isModelOrName(one: unknown): boolean {
  return (typeof one === 'string' && one !== '') || isModel(one);
}
