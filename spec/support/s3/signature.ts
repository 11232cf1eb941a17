import { timingSafeEqual } from 'node:crypto';
import { parameter, type Call } from './call.js';
import { canonicalRequest, sha256, signatureOf, type Claim } from './canonical.js';
import { S3Error } from './errors.js';

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of temporary credentials. */
  readonly sessionToken?: string;
}

/** Whom the server knows, and which region it says it is. */
export interface Realm {
  readonly credentials: readonly Credentials[];
  readonly region: string;
}

const MINUTES_15 = 15 * 60_000;
const LONGEST_EXPIRY = 604_800;

/** Throws unless the call is signed by somebody the server knows, for this region, body and time. */
export function checkSignature(call: Call, realm: Realm, now = Date.now()): void {
  const presigned = parameter(call, 'X-Amz-Algorithm') !== undefined;
  const claim = presigned ? claimOfQuery(call) : claimOfHeader(call);
  if (presigned) checkExpiry(claim, Number(parameter(call, 'X-Amz-Expires')), now);
  else checkClock(claim, now);
  checkScope(claim, realm);
  checkHeaders(call, claim);
  const known = realm.credentials.find((one) => one.accessKeyId === claim.accessKeyId);
  if (known === undefined)
    throw new S3Error('InvalidAccessKeyId', 403, 'The AWS Access Key Id you provided does not exist.');
  const token = call.headers['x-amz-security-token'] ?? parameter(call, 'X-Amz-Security-Token');
  if (token !== known.sessionToken) {
    throw new S3Error('InvalidToken', 400, 'The provided token is malformed or otherwise invalid.');
  }
  const expected = Buffer.from(signatureOf(call, claim, known.secretAccessKey));
  const given = Buffer.from(claim.signature);
  if (expected.length !== given.length || !timingSafeEqual(expected, given)) throw mismatch(call, claim);
  checkPayload(call, claim);
}

function mismatch(call: Call, claim: Claim): S3Error {
  const text = `signature we calculated does not match. The canonical request was: ${canonicalRequest(call, claim)}`;
  return new S3Error('SignatureDoesNotMatch', 403, `The request ${text}`);
}

function claimOfHeader(call: Call): Claim {
  const header = call.headers['authorization'];
  if (header === undefined) throw new S3Error('AccessDenied', 403, 'Access Denied');
  const match =
    /^AWS4-HMAC-SHA256 +Credential=([^/,]+)\/(\d{8})\/([^/,]+)\/([^/,]+)\/aws4_request, *SignedHeaders=([^,]+), *Signature=([0-9a-f]{64})$/.exec(
      header,
    );
  const date = call.headers['x-amz-date'];
  if (match === null || date === undefined) {
    throw new S3Error('AuthorizationHeaderMalformed', 400, 'The authorization header is malformed.');
  }
  const payload = call.headers['x-amz-content-sha256'];
  if (payload === undefined) {
    throw new S3Error(
      'InvalidRequest',
      400,
      'Missing required header for this request: x-amz-content-sha256',
    );
  }
  const [, accessKeyId, day, region, service, names, signature] = match as unknown as string[];
  return claimFrom([accessKeyId!, day!, region!, service!], {
    date,
    names: names!,
    signature: signature!,
    payload,
  });
}

function claimOfQuery(call: Call): Claim {
  const [credential, date, names, signature] = ['Credential', 'Date', 'SignedHeaders', 'Signature'].map(
    (name) => parameter(call, `X-Amz-${name}`),
  );
  const match = /^([^/]+)\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request$/.exec(credential ?? '');
  if (match === null || date === undefined || names === undefined || signature === undefined) {
    const what =
      'Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.';
    throw new S3Error('AuthorizationQueryParametersError', 400, what);
  }
  const payload =
    call.headers['x-amz-content-sha256'] ?? parameter(call, 'X-Amz-Content-Sha256') ?? 'UNSIGNED-PAYLOAD';
  return claimFrom(match.slice(1), { date, names, signature, payload });
}

function claimFrom(
  [accessKeyId = '', day = '', region = '', service = '']: readonly string[],
  { date, names, signature, payload }: { date: string; names: string; signature: string; payload: string },
): Claim {
  return { accessKeyId, day, region, service, date, signedHeaders: names.split(';'), signature, payload };
}

function checkScope(claim: Claim, { region }: Realm): void {
  if (claim.region === region && claim.service === 's3' && claim.date.startsWith(claim.day)) return;
  throw new S3Error(
    'AuthorizationHeaderMalformed',
    400,
    `The authorization is for ${claim.day}/${claim.region}/${claim.service}; expecting the day of the request, '${region}' and 's3'`,
  );
}

/** What S3 demands to be signed: the host and every header of its own. */
function checkHeaders(call: Call, { signedHeaders }: Claim): void {
  const due = Object.keys(call.headers).filter((name) => name === 'host' || name.startsWith('x-amz-'));
  if (due.every((name) => signedHeaders.includes(name))) return;
  throw new S3Error('AccessDenied', 403, 'There were headers present in the request which were not signed');
}

function checkPayload(call: Call, { payload }: Claim): void {
  if (/^[0-9a-f]{64}$/.test(payload) && payload !== sha256(call.body)) {
    throw new S3Error(
      'XAmzContentSHA256Mismatch',
      400,
      "The provided 'x-amz-content-sha256' does not match what was computed.",
    );
  }
}

function checkClock({ date }: Claim, now: number): void {
  if (Math.abs(now - timeOf(date)) <= MINUTES_15) return;
  throw new S3Error(
    'RequestTimeTooSkewed',
    403,
    'The difference between the request time and the current time is too large.',
  );
}

function checkExpiry({ date }: Claim, seconds: number, now: number): void {
  if (!(seconds >= 1 && seconds <= LONGEST_EXPIRY)) {
    throw new S3Error(
      'AuthorizationQueryParametersError',
      400,
      'X-Amz-Expires must be between 1 and 604800 seconds',
    );
  }
  const from = timeOf(date);
  if (now < from - MINUTES_15) throw new S3Error('AccessDenied', 403, 'Request is not yet valid');
  if (now > from + seconds * 1000) throw new S3Error('AccessDenied', 403, 'Request has expired');
}

function timeOf(date: string): number {
  const [, ...parts] = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(date) ?? [];
  const [year = NaN, month = 1, day, hour, minute, second] = parts.map(Number);
  const time = Date.UTC(year, month - 1, day, hour, minute, second);
  if (Number.isNaN(time)) throw new S3Error('AccessDenied', 403, 'AWS authentication requires a valid Date');
  return time;
}
