import { withoutKnownSecrets } from '../../shared/without-secrets.js';
import type { RemovalOutcome } from '../provider.js';
import { maskedText } from './mask.js';

/**
 * An error of S3 as an Error of this library. It has the message, the code and the status, and nothing else of what the
 * SDK rejected with: that may contain the id of the access key, the signature and what was signed.
 */
export class S3ProviderError extends Error {
  override readonly name = 'S3ProviderError';
  /** The code of S3 or of the operating system: `AccessDenied`, `SlowDown`, `ECONNRESET`. */
  readonly code?: string;
  /** HTTP status, if there was an answer. */
  readonly status?: number;
  /** The request id, which AWS support asks for. */
  readonly requestId?: string;
  /** Whether a later attempt may succeed. */
  readonly retryable: boolean;

  constructor(message: string, facts: ErrorFacts) {
    super(message);
    if (facts.code !== undefined) this.code = facts.code;
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.requestId !== undefined) this.requestId = facts.requestId;
    this.retryable = facts.retryable;
  }

  /** The outcome for a file that could not be removed because of this error. */
  toOutcome(): RemovalOutcome {
    return { outcome: 'failed', error: this, retryable: this.retryable };
  }
}

interface ErrorFacts {
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  readonly requestId?: string | undefined;
  readonly retryable: boolean;
}

const PASSING = new Set(
  [
    'SlowDown ServiceUnavailable InternalError InternalFailure RequestTimeout OperationAborted Throttling ThrottlingException',
    'TooManyRequests TooManyRequestsException RequestLimitExceeded BandwidthLimitExceeded ExpiredToken ConditionalRequestConflict',
    'TimeoutError ECONNRESET ECONNREFUSED ECONNABORTED ETIMEDOUT EPIPE ENOTFOUND EAI_AGAIN EHOSTUNREACH ENETUNREACH ENETDOWN',
    'EMFILE UND_ERR_SOCKET',
  ]
    .join(' ')
    .split(' '),
);
const PASSING_STATUS = [408, 425, 429, 500, 502, 503, 504];

export function isPassing(code: string | undefined, status: number | undefined): boolean {
  return (
    (code !== undefined && PASSING.has(code)) || (status !== undefined && PASSING_STATUS.includes(status))
  );
}

/** Converts what the SDK rejected with to an error of this library. `secrets` must not appear in it. */
export function normalised(rejection: unknown, secrets: readonly string[]): S3ProviderError {
  if (rejection instanceof S3ProviderError) return rejection;
  const { name, message, code, Code, $metadata, $response } = asRecord(rejection);
  const { httpStatusCode, requestId } = asRecord($metadata);
  const status = firstOf('number', httpStatusCode, asRecord($response)['statusCode']);
  const known = [code, Code, name].filter(
    (one) => one !== 'Error' && one !== 'Unknown' && one !== 'UnknownError',
  );
  const said = firstOf('string', ...known) ?? (status === 403 ? 'AccessDenied' : undefined);
  const isAnswerless = message === undefined || message === '' || /^Unknown/.test(String(message));
  const words = isAnswerless ? `the answer was ${String(status ?? 'none')}` : String(message);
  // an answer that is not XML, or that was cut off, comes with the status of the part that arrived
  const isUnreadable = status === 200;
  return new S3ProviderError(`S3: ${withoutRepeated(words, secrets)}${hint(said, status)}`, {
    code: said,
    status,
    requestId: firstOf('string', requestId),
    retryable: isUnreadable || isPassing(said, status),
  });
}

/** The error of one key of a batch. */
export function errorOfKey(
  code: string,
  message: string | undefined,
  secrets: readonly string[],
): S3ProviderError {
  const words = message === undefined || message === '' ? code : message;
  return new S3ProviderError(`S3: ${withoutRepeated(words, secrets)}${hint(code, undefined)}`, {
    code,
    retryable: isPassing(code, undefined),
  });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function firstOf(type: 'string', ...values: unknown[]): string | undefined;
function firstOf(type: 'number', ...values: unknown[]): number | undefined;
function firstOf(type: string, ...values: unknown[]): unknown {
  return values.find((one) => typeof one === type && one !== '');
}

function hint(code: string | undefined, status: number | undefined): string {
  if (code === 'AccessDenied' || status === 403)
    return ' (allow s3:DeleteObject, and s3:GetObject and s3:ListBucket to look at objects; this is not retried)';
  if (code === 'PermanentRedirect' || status === 301)
    return ' (the bucket is in another region; create the client with that region)';
  if (code === 'NoSuchBucket') return ' (check the option "bucket")';
  return '';
}

/** Adds the parts of an Authorization header of S3. */
function withoutRepeated(message: string, secrets: readonly string[]): string {
  return maskedText(withoutKnownSecrets(message, secrets)).replace(
    /\b(Credential|Signature|SignedHeaders)=[^\s,&'"]+/gi,
    '$1=***',
  );
}
