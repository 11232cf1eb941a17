import { GetObjectCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { expect } from 'chai';
import { startS3, type S3Server } from '../../support/s3/index.js';

/** Who has the URL may do what it says, and nothing else. */
describe('presigned URLs, as the S3 of the specs checks them', () => {
  let s3: S3Server;
  let Bucket: string;

  before(async () => {
    s3 = await startS3();
    Bucket = await s3.bucket();
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'a b/ü.png', Body: 'hello' }));
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'other.png', Body: 'secret' }));
  });
  after(() => s3.stop());

  const presigned = (Key: string, expiresIn = 60, signingDate = new Date()) =>
    getSignedUrl(s3.client(), new GetObjectCommand({ Bucket, Key }), { expiresIn, signingDate });

  it('lets in with it', async () => {
    expect(await answerTo(await presigned('a b/ü.png'))).to.equal('200 hello');
  });

  it('takes an upload by PUT', async () => {
    const url = await getSignedUrl(s3.client(), new PutObjectCommand({ Bucket, Key: 'put.png' }), {
      expiresIn: 60,
    });
    const answer = await fetch(url, { method: 'PUT', body: 'hello' });
    expect(answer.status).to.equal(200);
    expect(await answerTo(await presigned('put.png'))).to.equal('200 hello');
  });

  describe('refused', () => {
    before(async function () {
      if (await s3.lacks('signatures')) this.skip();
    });

    it('another method: SignatureDoesNotMatch', async () => {
      const url = await presigned('a b/ü.png');
      expect(await answerTo(url, 'DELETE')).to.match(/^403 .*<Code>SignatureDoesNotMatch</s);
    });

    it('an altered path and an altered signature: SignatureDoesNotMatch', async () => {
      const url = await presigned('a b/ü.png');
      const other = url.replace(/a%20b\/%C3%BC\.png/, 'other.png');
      expect(other).not.to.equal(url);
      const forged = url.replace(
        /(X-Amz-Signature=.{63})(.)/,
        (_, start: string, last: string) => start + (last === '0' ? '1' : '0'),
      );
      for (const one of [other, forged])
        expect(await answerTo(one)).to.match(/^403 .*<Code>SignatureDoesNotMatch</s);
    });

    it('a longer life than was signed', async () => {
      const url = (await presigned('other.png')).replace('X-Amz-Expires=60', 'X-Amz-Expires=6000');
      expect(await answerTo(url)).to.match(/^403 .*<Code>SignatureDoesNotMatch</s);
    });

    it('a URL that has expired: AccessDenied', async () => {
      const url = await presigned('other.png', 60, new Date(Date.now() - 61_000));
      expect(await answerTo(url)).to.match(/^403 .*<Code>AccessDenied<.*expired/s);
    });
  });
});

async function answerTo(url: string, method = 'GET'): Promise<string> {
  const answer = await fetch(url, { method });
  return `${answer.status} ${await answer.text()}`;
}
