import { equal } from './compare.js';
import { CommandError } from './errors.js';
import type { Document } from './values.js';
import { isDocument, isNumeric, isTypeName, toNumber, typeName } from './values.js';

type Test = (value: unknown) => boolean;
type Rule = (argument: unknown, schema: Document) => Test;

const ANNOTATIONS = ['title', 'description', '$comment'];

/** Each rule speaks only about values of its own type and lets others pass, as JSON Schema says. */
const RULES: Record<string, Rule> = {
  bsonType: (argument) => {
    const names = list(argument).map(String);
    for (const name of names) {
      if (name !== 'number' && !isTypeName(name))
        throw new CommandError(2, `Unknown type name alias: ${name}`);
    }
    return (value) => names.includes(typeName(value)) || (names.includes('number') && isNumeric(value));
  },
  type: (argument) => {
    const names = list(argument);
    return (value) => names.includes(jsonType(value));
  },
  enum: (argument) => (value) => list(argument).some((item) => equal(item, value)),
  minimum: (argument, schema) =>
    numbers((n) => (schema['exclusiveMinimum'] ? n > num(argument) : n >= num(argument))),
  maximum: (argument, schema) =>
    numbers((n) => (schema['exclusiveMaximum'] ? n < num(argument) : n <= num(argument))),
  exclusiveMinimum: () => () => true,
  exclusiveMaximum: () => () => true,
  multipleOf: (argument) => numbers((n) => n % num(argument) === 0),
  minLength: (argument) => strings((text) => [...text].length >= num(argument)),
  maxLength: (argument) => strings((text) => [...text].length <= num(argument)),
  pattern: (argument) => {
    const pattern = new RegExp(String(argument));
    return strings((text) => pattern.test(text));
  },
  minItems: (argument) => arrays((items) => items.length >= num(argument)),
  maxItems: (argument) => arrays((items) => items.length <= num(argument)),
  uniqueItems: (argument) =>
    arrays(
      (items) => !argument || items.every((item, i) => items.findIndex((other) => equal(item, other)) === i),
    ),
  items: (argument) => {
    if (Array.isArray(argument)) {
      const tests = argument.map(compile);
      return arrays((items) => items.every((item, i) => tests[i]?.(item) ?? true));
    }
    const test = compile(argument);
    return arrays((items) => items.every(test));
  },
  required: (argument) => documents((document) => list(argument).every((key) => String(key) in document)),
  minProperties: (argument) => documents((document) => Object.keys(document).length >= num(argument)),
  maxProperties: (argument) => documents((document) => Object.keys(document).length <= num(argument)),
  properties: (argument) => {
    const tests = Object.entries(argument as Document).map(
      ([key, schema]) => [key, compile(schema)] as const,
    );
    return documents((document) => tests.every(([key, test]) => !(key in document) || test(document[key])));
  },
  patternProperties: (argument) => {
    const tests = Object.entries(argument as Document).map(
      ([key, schema]) => [new RegExp(key), compile(schema)] as const,
    );
    return documents((document) =>
      tests.every(([pattern, test]) =>
        Object.keys(document).every((key) => !pattern.test(key) || test(document[key])),
      ),
    );
  },
  additionalProperties: (argument, schema) => {
    const named = Object.keys((schema['properties'] ?? {}) as Document);
    const patterns = Object.keys((schema['patternProperties'] ?? {}) as Document).map(
      (key) => new RegExp(key),
    );
    const test = typeof argument === 'boolean' ? () => argument : compile(argument);
    return documents((document) =>
      Object.keys(document)
        .filter((key) => !named.includes(key) && !patterns.some((pattern) => pattern.test(key)))
        .every((key) => test(document[key])),
    );
  },
  allOf: (argument) => {
    const tests = list(argument).map(compile);
    return (value) => tests.every((test) => test(value));
  },
  anyOf: (argument) => {
    const tests = list(argument).map(compile);
    return (value) => tests.some((test) => test(value));
  },
  oneOf: (argument) => {
    const tests = list(argument).map(compile);
    return (value) => tests.filter((test) => test(value)).length === 1;
  },
  not: (argument) => {
    const test = compile(argument);
    return (value) => !test(value);
  },
};

export function jsonSchemaTest(schema: unknown): (document: Document) => boolean {
  if (!isDocument(schema)) throw new CommandError(14, '$jsonSchema must be an object');
  return compile(schema);
}

function compile(schema: unknown): Test {
  if (!isDocument(schema)) throw new CommandError(14, '$jsonSchema must be an object');
  const tests = Object.keys(schema)
    .filter((keyword) => !ANNOTATIONS.includes(keyword))
    .map((keyword) => {
      const rule = RULES[keyword];
      if (!rule) throw new CommandError(9, `Unknown $jsonSchema keyword: ${keyword}`);
      return rule(schema[keyword], schema);
    });
  return (value) => tests.every((test) => test(value));
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

function num(value: unknown): number {
  if (!isNumeric(value)) throw new CommandError(14, '$jsonSchema keyword must be a number');
  return toNumber(value);
}

function jsonType(value: unknown): string {
  if (isNumeric(value)) return 'number';
  const name = typeName(value);
  return name === 'bool' ? 'boolean' : name;
}

function numbers(test: (value: number) => boolean): Test {
  return (value) => !isNumeric(value) || test(toNumber(value));
}

function strings(test: (value: string) => boolean): Test {
  return (value) => typeof value !== 'string' || test(value);
}

function arrays(test: (value: unknown[]) => boolean): Test {
  return (value) => !Array.isArray(value) || test(value);
}

function documents(test: (value: Document) => boolean): Test {
  return (value) => !isDocument(value) || test(value);
}
