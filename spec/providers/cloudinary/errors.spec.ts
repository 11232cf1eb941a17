import { expect } from 'chai';
import http from 'node:http';
import { inspect } from 'node:util';
import { v2 } from 'cloudinary';
import { CloudinaryError, cloudinaryProvider } from '../../../lib/providers/cloudinary/index.js';
import type { CloudinaryOptions } from '../../../lib/providers/cloudinary/index.js';
import { normalised, withoutRepeated } from '../../../lib/providers/cloudinary/errors.js';
import type { RemovalOutcome } from '../../../lib/providers/provider.js';
import {
  CloudinaryServer,
  demo,
  htmlBadGateway,
  limited,
  noAbort,
  providerFor,
  sdkOptionsFor,
} from '../../support/cloudinary/index.js';
import type { Fault } from '../../support/cloudinary/index.js';

const asset = { provider: 'cloudinary', key: 'demo/image/upload/a' };

describe('cloudinary errors', () => {
  let server: CloudinaryServer;
  before(async () => (server = await new CloudinaryServer().start()));
  afterEach(() => server.reset());
  after(() => server.stop());

  async function failure(options: CloudinaryOptions, fault?: Fault) {
    if (fault) server.failNext(1, fault);
    const [outcome] = await providerFor(server, options).remove([asset], { signal: noAbort() });
    expect(outcome?.outcome).to.equal('failed');
    return outcome as Extract<RemovalOutcome, { outcome: 'failed' }>;
  }

  describe('every way in which the SDK rejects, as the real SDK does it', () => {
    const said = (status: number, message: string): Fault => ({ status, body: { error: { message } } });
    const rows: [shape: string, fault: Fault, retryable: boolean, expected: object, message: RegExp][] = [
      ['JSON 400', said(400, 'Missing'), false, { status: 400 }, /Missing/],
      [
        'JSON 401',
        said(401, 'cloud_name mismatch'),
        false,
        { status: 401 },
        /cloud_name mismatch.*not retried/,
      ],
      ['JSON 403', said(403, 'No'), false, { status: 403 }, /not retried/],
      ['JSON 404', said(404, 'Resource not found'), false, { status: 404 }, /./],
      ['JSON 409', said(409, 'Conflict'), false, { status: 409 }, /./],
      ['JSON 420', limited(420), true, { status: 420 }, /Rate Limit Exceeded/],
      ['JSON 429', limited(429), true, { status: 429 }, /Rate Limit Exceeded/],
      ['JSON 423', said(423, 'Processing'), true, { status: 423 }, /423/],
      ['JSON 500', said(500, 'Oops'), true, { status: 500 }, /Oops/],
      ['HTML 500', { status: 500, body: '<html>' }, true, { status: 500 }, /invalid JSON/],
      ['HTML 502', htmlBadGateway, true, { status: 502 }, /502/],
      ['HTML 503', { status: 503, body: '' }, true, { status: 503 }, /503/],
      ['HTML 504', { status: 504, body: '' }, true, { status: 504 }, /504/],
      ['HTML 200', { status: 200, body: '<html>' }, true, { status: undefined }, /./],
      ['redirect', { status: 301, body: '' }, false, { status: 301 }, /301/],
      ['reset', 'reset', true, { code: 'ECONNRESET', status: undefined }, /./],
      ['cut within the answer', 'cut', true, { code: 'ECONNRESET', status: undefined }, /./],
    ];
    for (const api of ['upload', 'admin'] as const) {
      for (const [shape, fault, retryable, expected, message] of rows) {
        it(`${api}: ${shape} → failed, ${retryable ? 'may be tried again' : 'final'}`, async () => {
          const outcome = await failure({ api }, fault);
          expect(outcome.retryable).to.equal(retryable);
          expect(outcome.error).to.be.instanceOf(CloudinaryError);
          // HTML with status 200 has no status in the one API's rejection, and has it in the other's.
          if (shape !== 'HTML 200') expect(outcome.error).to.include(expected);
          expect(outcome.error.message).to.match(message);
          expect(outcome.error.cause).to.be.instanceOf(Error);
        });
      }

      it(`${api}: nobody listens → failed, may be tried again`, async () => {
        const gone = await new CloudinaryServer().start();
        const sdkOptions = sdkOptionsFor(gone);
        await gone.stop();
        const outcome = await failure({ api, sdkOptions });
        expect(outcome.retryable).to.equal(true);
        expect(outcome.error).to.include({ code: 'ECONNREFUSED' });
      });

      it(`${api}: what the SDK throws before the request → failed, final`, async () => {
        const { api_key: _key, ...keyless } = sdkOptionsFor(server);
        const outcome = await failure({ api, sdkOptions: keyless });
        expect(outcome.retryable).to.equal(false);
        expect(outcome.error.message).to.include('Must supply api_key');
      });

      it(`${api}: http where the SDK loaded https → failed, final, with what to do`, async () => {
        const https = {
          ...sdkOptionsFor(server),
          upload_prefix: server.uploadPrefix.replace('http:', 'https:'),
        };
        const outcome = await failure({ api, sdkOptions: { ...https, agent: new http.Agent() } });
        expect(outcome.retryable).to.equal(false);
        expect(outcome.error).to.include({ code: 'ERR_INVALID_PROTOCOL' });
        expect(outcome.error.message).to.include('sdkOptions.agent');
      });
    }

    it('upload: the SDK’s own time-out → failed, may be tried again', async () => {
      const outcome = await failure({ sdkOptions: { ...sdkOptionsFor(server), timeout: 20 } }, 'hang');
      expect(outcome.retryable).to.equal(true);
      expect(outcome.error).to.include({ status: 499 });
    });
  });

  it('makes an Error of anything at all', () => {
    const anything = [
      undefined,
      null,
      0,
      'text',
      {},
      [],
      { error: null },
      { error: 'text' },
      { message: new Error('in') },
    ];
    for (const rejection of [...anything, new Error('plain'), { message: { message: 5 } }]) {
      const error = normalised(rejection, []);
      expect(error).to.be.instanceOf(CloudinaryError);
      expect(error.message).to.match(/^Cloudinary: ./);
      expect(error.retryable).to.equal(false);
    }
  });

  it('a time that is none is no time to wait for', () => {
    const at = (message: string) => normalised({ message, http_code: 420 }, []).retryAt;
    expect(at('Try again on 2024-10-04 14:00:00 UTC')).to.deep.equal(new Date('2024-10-04T14:00:00Z'));
    expect(at('Try again on 2024-99-99 14:00:00 UTC')).to.equal(undefined);
    expect(at('Try again later')).to.equal(undefined);
    expect(
      normalised({ message: 'Try again on 2024-10-04 14:00:00 UTC', http_code: 500 }, []).retryAt,
    ).to.equal(undefined);
  });

  describe('secrets', () => {
    it('appear in no outcome, whatever Cloudinary and the SDK answer', async () => {
      const signature = 'f'.repeat(40);
      const basic = Buffer.from(`${demo.apiKey}:${demo.apiSecret}`).toString('base64');
      const faults: Fault[] = [
        ...[400, 401, 403, 404, 409, 420, 423, 429, 500].map((status) => ({
          status,
          body: {
            error: {
              message:
                `Invalid Signature ${signature}. String to sign - 'public_id=a&signature=${signature}&api_key=${demo.apiKey}'. ` +
                `Unknown API key ${demo.apiKey}. ${demo.apiSecret} Basic ${basic}`,
            },
          },
        })),
        ...(['reset', 'cut', htmlBadGateway] as const),
        { status: 500, body: `${demo.apiSecret}` },
      ];
      let searched = 0;
      for (const api of ['upload', 'admin'] as const) {
        for (const fault of faults) {
          const outcome = await failure({ api }, fault);
          const text = everythingIn(outcome);
          for (const secret of [demo.apiSecret, demo.apiKey, basic, signature])
            expect(text).not.to.include(secret);
          searched++;
        }
      }
      // Real requests with wrong credentials, which the server answers with the very signature it got.
      for (const wrong of [{ api_secret: 'wrong-secret-1' }, { api_key: 'wrong-key-2' }, { timeout: 1 }]) {
        const outcome = await failure(
          { sdkOptions: { ...sdkOptionsFor(server), ...wrong } },
          'timeout' in wrong ? 'hang' : undefined,
        );
        const sent = server.seen.flatMap(({ fields }) => fields.get('signature') ?? []);
        for (const secret of [
          demo.apiSecret,
          demo.apiKey,
          ...Object.values(wrong)
            .map(String)
            .filter((one) => one.length > 1),
          ...sent,
        ]) {
          expect(everythingIn(outcome)).not.to.include(secret);
        }
        searched++;
      }
      expect(searched).to.equal(faults.length * 2 + 3);
    });

    it('appear in no error of a listing, in no property of the provider and in no TypeError', async () => {
      const provider = providerFor(server);
      server.failNext(1, { status: 401, body: { error: { message: `Unknown API key ${demo.apiKey}` } } });
      const entries = provider.list({})[Symbol.asyncIterator]();
      const error: unknown = await entries.next().catch((rejected: unknown) => rejected);
      expect(error).to.be.instanceOf(CloudinaryError);
      const wrong = () =>
        cloudinaryProvider({ cloudinary: v2, sdkOptions: { secret: demo.apiSecret } as object });
      const thrown = (() => {
        try {
          return wrong();
        } catch (caught) {
          return caught;
        }
      })();
      for (const one of [error, provider, thrown]) {
        expect(everythingIn(one)).not.to.include(demo.apiSecret).and.not.to.include(demo.apiKey);
      }
    });

    it('are taken out of texts', () => {
      expect(withoutRepeated('Bearer abc.def-ghi and sha1 ' + 'a'.repeat(40), [])).to.equal(
        'Bearer *** and sha1 ***',
      );
      expect(withoutRepeated('x-secret-y', ['secret'])).to.equal('x-***-y');
      expect(withoutRepeated('Invalid Signature AbC-1. Unknown API key 12', [])).to.equal(
        'Invalid Signature ***. Unknown API key ***',
      );
    });
  });
});

/** All that a logger, a serializer or a debugger could show. */
function everythingIn(value: unknown): string {
  const own = (one: unknown): string =>
    one instanceof Error
      ? `${one.stack}${JSON.stringify(one, Object.getOwnPropertyNames(one))}${own(one.cause)}`
      : '';
  const error = value instanceof Error ? value : (value as { error?: Error }).error;
  return (
    inspect(value, { depth: null, showHidden: true, getters: true }) + JSON.stringify(value) + own(error)
  );
}
