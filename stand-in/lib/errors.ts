import type { Document } from './values.js';

const CODE_NAMES: Record<number, string> = {
  1: 'InternalError',
  2: 'BadValue',
  4: 'NoSuchKey',
  6: 'HostUnreachable',
  7: 'HostNotFound',
  9: 'FailedToParse',
  13: 'Unauthorized',
  14: 'TypeMismatch',
  15: 'Overflow',
  16: 'InvalidLength',
  20: 'IllegalOperation',
  24: 'LockTimeout',
  26: 'NamespaceNotFound',
  27: 'IndexNotFound',
  28: 'PathNotViable',
  40: 'ConflictingUpdateOperators',
  43: 'CursorNotFound',
  47: 'NoMatchingDocument',
  48: 'NamespaceExists',
  50: 'MaxTimeMSExpired',
  52: 'DollarPrefixedFieldName',
  53: 'InvalidIdField',
  54: 'NotSingleValueField',
  55: 'InvalidDBRef',
  56: 'EmptyFieldName',
  57: 'DottedFieldName',
  59: 'CommandNotFound',
  64: 'WriteConcernFailed',
  66: 'ImmutableField',
  67: 'CannotCreateIndex',
  72: 'InvalidOptions',
  73: 'InvalidNamespace',
  79: 'UnknownReplWriteConcern',
  85: 'IndexOptionsConflict',
  86: 'IndexKeySpecsConflict',
  89: 'NetworkTimeout',
  91: 'ShutdownInProgress',
  100: 'UnsatisfiableWriteConcern',
  112: 'WriteConflict',
  115: 'CommandNotSupported',
  117: 'ConflictingOperationInProgress',
  121: 'DocumentValidationFailure',
  125: 'CommandFailed',
  166: 'CommandNotSupportedOnView',
  168: 'InvalidPipelineOperator',
  189: 'PrimarySteppedDown',
  197: 'InvalidIndexSpecificationOption',
  225: 'TransactionTooOld',
  238: 'NotImplemented',
  241: 'ConversionFailure',
  246: 'SnapshotUnavailable',
  251: 'NoSuchTransaction',
  256: 'TransactionCommitted',
  260: 'InvalidResumeToken',
  262: 'ExceededTimeLimit',
  263: 'OperationNotSupportedInTransaction',
  267: 'PreparedTransactionInProgress',
  280: 'ChangeStreamFatalError',
  286: 'ChangeStreamHistoryLost',
  334: 'UnsupportedFormat',
  9001: 'SocketException',
  10107: 'NotWritablePrimary',
  10334: 'BSONObjectTooLarge',
  11000: 'DuplicateKey',
  11600: 'InterruptedAtShutdown',
  11601: 'Interrupted',
  11602: 'InterruptedDueToReplStateChange',
  13388: 'StaleConfig',
  13435: 'NotPrimaryNoSecondaryOk',
  13436: 'NotPrimaryOrSecondary',
  17276: 'Location17276',
  40324: 'Location40324',
  40414: 'IDLFailedToParse',
  40415: 'IDLUnknownField',
};

/** Codes without a name of their own are the place in the server's source that gives them. */
export function codeName(code: number): string {
  return CODE_NAMES[code] ?? `Location${code}`;
}

export const TRANSIENT = 'TransientTransactionError';
export const RETRYABLE_WRITE = 'RetryableWriteError';
export const RESUMABLE = 'ResumableChangeStreamError';
export const NOT_RESUMABLE = 'NonResumableChangeStreamError';

const RETRYABLE_CODES = [6, 7, 89, 91, 189, 262, 9001, 10107, 11600, 11602, 13435, 13436];
const TRANSIENT_CODES = [24, 112, 246, 251];
const RESUMABLE_CODES = [
  6, 7, 43, 63, 89, 91, 133, 150, 189, 234, 262, 9001, 10107, 11600, 11602, 13388, 13435, 13436,
];

export const isRetryableCode = (code: number): boolean => RETRYABLE_CODES.includes(code);
export const isTransientCode = (code: number): boolean => TRANSIENT_CODES.includes(code);
export const isResumableCode = (code: number): boolean => RESUMABLE_CODES.includes(code);

/** What a command answers instead of a result: a code, a message and further fields of the reply. */
export class CommandError extends Error {
  labels: string[] = [];

  constructor(
    readonly code: number,
    message: string,
    readonly fields: Document = {},
  ) {
    super(message);
    this.name = 'CommandError';
  }

  labelled(...labels: string[]): this {
    this.labels.push(...labels);
    return this;
  }

  reply(): Document {
    const reply: Document = {
      ok: 0,
      errmsg: this.message,
      code: this.code,
      codeName: codeName(this.code),
      ...this.fields,
    };
    if (this.labels.length) reply['errorLabels'] = this.labels;
    return reply;
  }

  /** The same error as one entry of a reply's `writeErrors`. */
  writeError(index: number): Document {
    return { index, code: this.code, errmsg: this.message, ...this.fields };
  }
}

export function writeConflict(): CommandError {
  return new CommandError(
    112,
    'Caused by :: Write conflict during plan execution and yielding is disabled. :: ' +
      'Please retry your operation or multi-document transaction.',
  ).labelled(TRANSIENT);
}

export function unknownField(path: string): CommandError {
  return new CommandError(40415, `BSON field '${path}' is an unknown field.`);
}

export function wrongType(field: string, type: string, expected: string): CommandError {
  return new CommandError(
    14,
    `BSON field '${field}' is the wrong type '${type}', expected type '${expected}'`,
  );
}
