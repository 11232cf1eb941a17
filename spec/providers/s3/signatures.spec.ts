import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  type S3ClientConfig,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { startS3, TEMPORARY, type S3Server } from '../../support/s3/index.js';

/** Who may do what: every S3 refuses what is not signed as it came. */
describe('signatures, as the S3 of the specs checks them', () => {
  let s3: S3Server;
  let Bucket: string;

  before(async () => {
    s3 = await startS3();
    Bucket = await s3.bucket();
    await s3.client().send(new PutObjectCommand({ Bucket, Key: 'other.png', Body: 'secret' }));
  });
  after(() => s3.stop());

  describe('of a header', () => {
    const refused: [
      what: string,
      overrides: (s3: S3Server) => S3ClientConfig,
      codes: readonly string[],
      local?: 'local',
    ][] = [
      [
        'a wrong secret',
        ({ credentials }) => ({ credentials: { ...credentials, secretAccessKey: 'wrong' } }),
        ['SignatureDoesNotMatch'],
      ],
      [
        'an unknown key id',
        ({ credentials }) => ({ credentials: { ...credentials, accessKeyId: 'UNKNOWN' } }),
        ['InvalidAccessKeyId', 'XAdminUserNotFound'],
      ],
      ['another region', () => ({ region: 'eu-west-9' }), ['AuthorizationHeaderMalformed']],
      [
        'a token of nobody',
        ({ credentials }) => ({ credentials: { ...credentials, sessionToken: 'x' } }),
        ['InvalidToken'],
        'local',
      ],
      [
        'temporary credentials without their token',
        () => ({ credentials: { ...TEMPORARY, sessionToken: '' } }),
        ['InvalidToken'],
        'local',
      ],
    ];
    for (const [what, overrides, codes, local] of refused) {
      it(`refuses ${what}: ${codes[0]!}`, async function () {
        if ((local && !s3.local) || (await s3.lacks('signatures'))) this.skip();
        const client = s3.client(overrides(s3));
        const error = await client
          .send(new ListObjectsV2Command({ Bucket }))
          .catch((one: unknown) => one as S3ServiceException);
        expect((error as S3ServiceException).name).to.be.oneOf(codes);
      });
    }

    it('takes temporary credentials with their token', async function () {
      if (!s3.local) this.skip();
      const { Contents } = await s3
        .client({ credentials: TEMPORARY })
        .send(new ListObjectsV2Command({ Bucket }));
      expect(Contents?.map((one) => one.Key)).to.include('other.png');
    });

    it('refuses who is nobody: AccessDenied', async function () {
      if (await s3.lacks('signatures')) this.skip();
      expect(await answerTo(`${s3.endpoint}/${Bucket}/other.png`)).to.match(/^403 .*<Code>AccessDenied</s);
    });

    const altered: [what: string, change: (request: Sent) => Sent, code: string][] = [
      [
        'an altered path',
        (sent) => ({ ...sent, path: sent.path.replace('new.png', 'other.png') }),
        'SignatureDoesNotMatch',
      ],
      [
        'an added parameter',
        (sent) => ({ ...sent, path: `${sent.path}&versionId=1` }),
        'SignatureDoesNotMatch',
      ],
      [
        'an altered header',
        (sent) => ({ ...sent, headers: { ...sent.headers, 'x-amz-meta-a': '2' } }),
        'SignatureDoesNotMatch',
      ],
      [
        'a header that was not signed',
        (sent) => ({ ...sent, headers: { ...sent.headers, 'x-amz-acl': 'public-read' } }),
        'AccessDenied',
      ],
      ['another content', (sent) => ({ ...sent, body: 'HELLO' }), 'XAmzContentSHA256Mismatch'],
      [
        'no date',
        (sent) => ({ ...sent, headers: without(sent.headers, 'x-amz-date') }),
        'AuthorizationHeaderMalformed',
      ],
      [
        'no word on the content',
        (sent) => ({ ...sent, headers: without(sent.headers, 'x-amz-content-sha256') }),
        'InvalidRequest',
      ],
    ];
    for (const [what, change, code] of altered) {
      it(`refuses ${what}: ${code}`, async function () {
        if (!s3.local) this.skip();
        const sent = await signedPut(s3, Bucket);
        expect(await send(s3.endpoint, sent)).to.match(/^200 /);
        expect(await send(s3.endpoint, change(sent))).to.include(`<Code>${code}</Code>`);
        const { Body } = await s3.client().send(new GetObjectCommand({ Bucket, Key: 'other.png' }));
        expect(await Body!.transformToString()).to.equal('secret');
      });
    }
  });
});

interface Sent {
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const without = (headers: Sent['headers'], name: string): Sent['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([one]) => one !== name));

/** A PUT that the SDK signed but did not send. */
async function signedPut(s3: S3Server, Bucket: string): Promise<Sent> {
  const client = s3.client();
  let sent: Sent | undefined;
  client.middlewareStack.add(
    () => async (args) => {
      const { path, query, headers, body } = args.request as Sent & { query: Record<string, string> };
      sent = { path: `${path}?${new URLSearchParams(query).toString()}`, headers, body };
      throw new Error('not to be sent');
    },
    { step: 'finalizeRequest', priority: 'low' },
  );
  const command = new PutObjectCommand({ Bucket, Key: 'new.png', Body: 'hello', Metadata: { a: '1' } });
  await client.send(command).catch(() => undefined);
  if (sent === undefined) throw new Error('the SDK signed nothing');
  return sent;
}

/** Sends it as it is; status and body of the answer. */
function send(endpoint: string, { path, headers, body }: Sent): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(new URL(endpoint), { method: 'PUT', path, headers }, (answer) => {
      text(answer).then((content) => resolve(`${String(answer.statusCode)} ${content}`), reject);
    });
    request.on('error', reject).end(body);
  });
}

async function answerTo(url: string): Promise<string> {
  const answer = await fetch(url);
  return `${answer.status} ${await answer.text()}`;
}
