import type { IntendedFile, IntendedValue, Intent } from './intent.js';

/** An intent that a list can show, whatever somebody has written into the journal. */
export interface Readable {
  readonly model: string;
  readonly operation: string;
  readonly machine: string | null;
  readonly tries: number;
  readonly values: readonly IntendedValue[];
}

export function readable(intent: Partial<Intent>): Readable {
  const { model, operation, machine, tries, values } = intent;
  const { error } = intent as { error?: unknown };
  const given: readonly unknown[] = Array.isArray(values) ? values : [undefined];
  return {
    model: textOf(model),
    operation: textOf(operation),
    machine: machine === undefined ? null : textOf(machine),
    tries: typeof tries === 'number' ? tries : 0,
    values: given.map((value) => readableValue(value, typeof error === 'string' ? error : undefined)),
  };
}

/** If the value is not an object, it has neither documents nor files, but the error of its intent. */
function readableValue(given: unknown, ofIntent: string | undefined): IntendedValue {
  const { value, field, documentIds, files, outcome, reason, error } = (given ??
    {}) as Partial<IntendedValue>;
  const cause = typeof error === 'string' ? error : ofIntent;
  return {
    value,
    field: typeof field === 'string' ? field : null,
    documentIds: Array.isArray(documentIds) ? documentIds : [],
    files: (Array.isArray(files) ? files : []).filter(isFile),
    ...(typeof outcome === 'string' && { outcome }),
    ...(typeof reason === 'string' && { reason }),
    ...(cause !== undefined && { error: cause }),
  };
}

function isFile(given: unknown): given is IntendedFile {
  return typeof (given as Partial<IntendedFile> | null)?.provider === 'string';
}

function textOf(given: unknown): string {
  return typeof given === 'string' ? given : 'unreadable';
}

/** Returns `null` for a time that is not a date. */
export function dateOf(given: unknown): Date | null {
  return given instanceof Date && !Number.isNaN(given.getTime()) ? given : null;
}
