import { expect } from 'chai';
import type { Call } from './call.js';
import { signatureOf } from './canonical.js';
import { checkSignature } from './signature.js';

describe('the local S3 against the signatures that AWS publishes as examples', () => {
  const secret = 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY';
  const headers = { host: 'examplebucket.s3.amazonaws.com' };
  const base: Call = {
    method: 'GET',
    path: '/test.txt',
    query: [],
    headers,
    bucket: 'examplebucket',
    key: 'test.txt',
    body: Buffer.alloc(0),
  };
  const scope = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    day: '20130524',
    region: 'us-east-1',
    service: 's3',
    date: '20130524T000000Z',
    signature: '',
  };
  const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';

  it('a header', () => {
    const call = {
      ...base,
      headers: { ...headers, range: 'bytes=0-9', 'x-amz-content-sha256': empty, 'x-amz-date': scope.date },
    };
    const signedHeaders = ['host', 'range', 'x-amz-content-sha256', 'x-amz-date'];
    expect(signatureOf(call, { ...scope, signedHeaders, payload: empty }, secret)).to.equal(
      'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41',
    );
  });

  it('a presigned URL, until it expires', () => {
    const query: [string, string][] = [
      ['X-Amz-Algorithm', 'AWS4-HMAC-SHA256'],
      ['X-Amz-Credential', 'AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request'],
      ['X-Amz-Date', scope.date],
      ['X-Amz-Expires', '86400'],
      ['X-Amz-SignedHeaders', 'host'],
      ['X-Amz-Signature', 'aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404'],
    ];
    const realm = {
      region: 'us-east-1',
      credentials: [{ accessKeyId: scope.accessKeyId, secretAccessKey: secret }],
    };
    const at = Date.UTC(2013, 4, 24);
    const day = 86_400_000;
    expect(() => checkSignature({ ...base, query }, realm, at + day)).not.to.throw();
    expect(() => checkSignature({ ...base, query }, realm, at + day + 1)).to.throw('expired');
    expect(() => checkSignature({ ...base, query }, realm, at - 16 * 60_000)).to.throw('not yet valid');
  });
});
