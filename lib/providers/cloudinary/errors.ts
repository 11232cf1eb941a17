import { withoutKnownSecrets } from '../../shared/without-secrets.js';
import type { RemovalOutcome } from '../provider.js';

/**
 * An error of Cloudinary as a real Error. It has the message, the status and the system's code, and nothing else of
 * what the SDK rejected with: that may contain the account's secret (`request_options.auth` in rejections of the Admin
 * API) or the signature of the request.
 */
export class CloudinaryError extends Error {
  override readonly name = 'CloudinaryError';
  /** HTTP status, if there was an answer; 499 is the SDK's own time-out. */
  readonly status?: number;
  /** Code of the operating system, such as `ECONNRESET`. */
  readonly code?: string;
  /** Whether a later attempt may succeed. */
  readonly retryable: boolean;
  /** The time before which another attempt makes no sense, if Cloudinary named one. */
  readonly retryAt?: Date;

  constructor(message: string, facts: ErrorFacts & { readonly cause?: Error }) {
    super(message, facts.cause && { cause: facts.cause });
    if (facts.status !== undefined) this.status = facts.status;
    if (facts.code !== undefined) this.code = facts.code;
    if (facts.retryAt !== undefined) this.retryAt = facts.retryAt;
    this.retryable = facts.retryable;
  }

  /**
   * Whether every request of this account would fail in the same way: a rate limit, wrong credentials, a broken
   * configuration.
   */
  get concernsAll(): boolean {
    return isRateLimit(this.status) || this.status === 401 || (this.status === undefined && !this.retryable);
  }

  /** Returns the outcome `failed`, with what the answer said about another attempt. */
  toOutcome(): RemovalOutcome {
    const when = this.retryAt && { retryAt: this.retryAt };
    return { outcome: 'failed', error: this, retryable: this.retryable, ...when };
  }
}

interface ErrorFacts {
  readonly status?: number | undefined;
  readonly code?: string | undefined;
  readonly retryable: boolean;
  readonly retryAt?: Date | undefined;
}

// Cloudinary's own 420, 423 ("processing") and 499 (the SDK's time-out), besides the usual ones.
const TRANSIENT_STATUS = [408, 420, 423, 425, 429, 499, 500, 502, 503, 504];
const TRANSIENT_CODES = [
  'ECONNRESET ECONNREFUSED ECONNABORTED ETIMEDOUT EPIPE ENOTFOUND EAI_AGAIN',
  'EHOSTUNREACH ENETUNREACH ENETDOWN EMFILE ERR_STREAM_PREMATURE_CLOSE ERR_SOCKET_CONNECTION_TIMEOUT',
]
  .join(' ')
  .split(' ');

function isRateLimit(status: number | undefined): boolean {
  // 420 is Cloudinary's older answer, 429 its newer one.
  return status === 420 || status === 429;
}

/**
 * Makes a real Error of what the SDK rejected with or threw. The SDK has a dozen shapes: plain objects, errors wrapped
 * as `{ error }`, objects whose `message` is an Error, and real errors.
 * @param secrets Texts that must not appear in any message: the key, the secret, the token.
 */
export function normalised(rejection: unknown, secrets: readonly string[]): CloudinaryError {
  if (rejection instanceof CloudinaryError) return rejection;
  const outer = asRecord(rejection);
  const inner = outer['error'] === undefined ? outer : asRecord(outer['error']);
  const nested = asRecord(inner['message']);
  const status = firstNumber(inner['http_code'], outer['http_code']);
  const code = firstString(inner['code'], nested['code']);
  const said =
    firstString(inner['message'], nested['message'], outer['error'], rejection) ?? 'no message was given';
  const message = withoutRepeated(said, secrets);
  // If a connection breaks within the answer, the status is that of the part that arrived.
  const broken = code !== undefined && TRANSIENT_CODES.includes(code);
  const unreadable = status === 200;
  const retryable = broken || unreadable || (status !== undefined && TRANSIENT_STATUS.includes(status));
  return new CloudinaryError(`Cloudinary: ${message}${hint(status, code)}`, {
    status: broken ? undefined : status,
    code,
    retryable,
    retryAt: isRateLimit(status) ? resetTime(said) : undefined,
    cause: causeOf(message, { name: firstString(inner['name']) ?? 'Error', status, code }),
  });
}

/** An Error with the message of the rejection, and none of its other properties. */
function causeOf(
  message: string,
  { name, status, code }: { name: string; status: number | undefined; code: string | undefined },
): Error {
  const cause = new Error(message);
  cause.name = name;
  return Object.assign(cause, status !== undefined && { http_code: status }, code !== undefined && { code });
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function firstNumber(...values: unknown[]): number | undefined {
  return values.find((one): one is number => typeof one === 'number');
}

function firstString(...values: unknown[]): string | undefined {
  return values.find((one): one is string => typeof one === 'string' && one !== '');
}

/** Parses "Try again on 2024-10-04 14:00:00 UTC". The SDK does not pass on headers, so only the text has the time. */
function resetTime(message: string): Date | undefined {
  const [, day, time] = /Try again on (\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d) UTC/.exec(message) ?? [];
  const date = new Date(`${day}T${time}Z`);
  return day && !Number.isNaN(date.getTime()) ? date : undefined;
}

function hint(status: number | undefined, code: string | undefined): string {
  if (code === 'ERR_INVALID_PROTOCOL') {
    return ' (the SDK chooses http or https when it is loaded; give an `sdkOptions.agent` for the protocol of `upload_prefix`)';
  }
  if (status === 401) return ' (check cloud_name, api_key and api_secret; this is not retried)';
  if (status === 403) return ' (this account may not remove assets; this is not retried)';
  return '';
}

/** Adds the words with which Cloudinary repeats a key or a signature. */
export function withoutRepeated(message: string, secrets: readonly string[]): string {
  return withoutKnownSecrets(message, secrets)
    .replace(/(Invalid Signature |Unknown API key )[^\s.]+/gi, '$1***')
    .replace(/\b(signature|api_key|api_secret|oauth_token)=[^\s&'"]+/gi, '$1=***');
}
