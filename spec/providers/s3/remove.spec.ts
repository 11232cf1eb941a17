import { PutBucketVersioningCommand } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import type { DroppedAsset, RemovalOutcome } from '../../../lib/index.js';
import { S3ProviderError, type S3Provider } from '../../../lib/providers/s3/index.js';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { needsLocal, provided, put } from './scene.js';

describe('removal of s3Provider', () => {
  let server: S3Server;
  before(async () => (server = await startS3()));
  afterEach(() => server.local?.reset());
  after(() => server.stop());

  const remove = (
    provider: S3Provider,
    assets: readonly DroppedAsset[],
  ): Promise<readonly RemovalOutcome[]> => provider.remove(assets, { signal: new AbortController().signal });
  const assetsOf = (bucket: string, keys: readonly string[]) =>
    keys.map((key) => ({ provider: 's3', key: `${bucket}/${key}` }));
  const numbered = (count: number) => Array.from({ length: count }, (_, i) => `k${String(i)}.png`);

  it('what is not of this bucket and folder stays', async () => {
    const { provider, client, bucket } = await provided(server, { prefix: 'images' });
    await put(client, bucket, ['images/a.png', 'a.png']);
    const outcomes = await remove(provider, [
      ...assetsOf('another', ['images/a.png']),
      ...assetsOf(bucket, ['a.png', '../a.png']),
      { provider: 'other', key: `${bucket}/images/a.png` },
    ]);
    expect(outcomes).to.deep.equal(
      Array.from({ length: 4 }, () => ({ outcome: 'kept', reason: 'not ours' })),
    );
    expect(await provider.fingerprint!(assetsOf(bucket, ['images/a.png'])[0]!)).to.be.a('string');
  });

  it('goes to the bucket of the asset after a function has told another', async () => {
    let bucket = '';
    const { provider, client } = await provided(server, { bucket: () => bucket });
    const [one, two] = [await server.bucket(), await server.bucket()];
    for (const name of [one, two]) await put(client, name, ['a.png']);
    bucket = one;
    const asset = provider.identify('a.png')!;
    bucket = two;
    expect(await remove(provider, [asset])).to.deep.equal([{ outcome: 'removed' }]);
    expect(await provider.fingerprint!(asset)).to.equal(null);
    expect(await provider.fingerprint!(provider.identify('a.png')!)).to.be.a('string');
  });

  it('in a versioned bucket: a delete marker, which is removed', async () => {
    const { provider, client, bucket } = await provided(server);
    const Status = 'Enabled';
    await client.send(
      new PutBucketVersioningCommand({ Bucket: bucket, VersioningConfiguration: { Status } }),
    );
    await put(client, bucket, ['a.png']);
    expect(await remove(provider, assetsOf(bucket, ['a.png']))).to.deep.equal([{ outcome: 'removed' }]);
    expect(await provider.fingerprint!(assetsOf(bucket, ['a.png'])[0]!)).to.equal(null);
  });

  it('a bucket that does not exist has failed, with a hint', async () => {
    const { provider } = await provided(server, { bucket: 'no-such-bucket-of-specs' });
    const [outcome] = await remove(provider, assetsOf('no-such-bucket-of-specs', ['a.png']));
    expect(outcome).to.deep.include({ outcome: 'failed', retryable: false });
    expect(messageOf(outcome)).to.include('check the option "bucket"');
  });

  describe(`requests (${needsLocal})`, () => {
    before(function () {
      if (!server.local) this.skip();
    });
    const operations = () => server.local!.requests.map(({ operation }) => operation);

    async function filled(keys: readonly string[], options = {}) {
      const made = await provided(server, options);
      server.local!.put(made.bucket, keys);
      server.local!.reset();
      return { ...made, assets: assetsOf(made.bucket, keys) };
    }

    it('a thousand keys a call, no look before, and no call for none', async () => {
      const { provider, assets, bucket } = await filled(numbered(2500));
      expect(new Set((await remove(provider, assets)).map(({ outcome }) => outcome))).to.deep.equal(
        new Set(['removed']),
      );
      expect(operations()).to.deep.equal(['DeleteObjects', 'DeleteObjects', 'DeleteObjects']);
      expect(server.local!.keys(bucket)).to.deep.equal([]);
      server.local!.reset();
      expect(await remove(provider, [])).to.deep.equal([]);
      expect(operations()).to.deep.equal([]);
    });

    it('each key has the outcome that Errors[] says: refused at once, passing ones to be tried again', async () => {
      const { provider, assets, bucket } = await filled(numbered(6));
      const codes = {
        'k1.png': 'AccessDenied',
        'k2.png': 'SlowDown',
        'k3.png': 'InternalError',
        'k4.png': 'NoSuchKey',
      };
      server.local!.keyErrors(codes);
      const told = (await remove(provider, assets)).map((one) =>
        one.outcome === 'failed'
          ? `${(one.error as S3ProviderError).code!} ${String(one.retryable)}`
          : one.outcome,
      );
      expect(told).to.deep.equal([
        'removed',
        'AccessDenied false',
        'SlowDown true',
        'InternalError true',
        'missing',
        'removed',
      ]);
      expect(server.local!.keys(bucket)).to.have.members(['k1.png', 'k2.png', 'k3.png', 'k4.png']);
    });

    for (const [code, status] of [
      ['MissingContentMD5', 400],
      ['NotImplemented', 501],
    ] as const) {
      it(`${code}: one by one, and from then on without asking again`, async () => {
        const { provider, assets, bucket } = await filled(numbered(4));
        server.local!.fail({ operation: 'DeleteObjects', code, status, times: 100 });
        for (const half of [assets.slice(0, 2), assets.slice(2)]) {
          expect(await remove(provider, half)).to.deep.equal([
            { outcome: 'removed' },
            { outcome: 'removed' },
          ]);
        }
        expect(operations().sort()).to.deep.equal([
          'DeleteObject',
          'DeleteObject',
          'DeleteObject',
          'DeleteObject',
          'DeleteObjects',
        ]);
        expect(server.local!.keys(bucket)).to.deep.equal([]);
      });
    }

    it('AccessDenied of the whole call is failed, and not to be tried again', async () => {
      const { provider, assets } = await filled(numbered(2));
      server.local!.fail({ operation: 'DeleteObjects', code: 'AccessDenied', status: 403 });
      for (const outcome of await remove(provider, assets)) {
        expect(outcome).to.deep.include({ outcome: 'failed', retryable: false });
        expect(messageOf(outcome)).to.include('allow s3:DeleteObject');
      }
    });

    for (const code of ['SlowDown', 'InternalError', 'reset', 'html', 'ExpiredToken']) {
      it(`${code} of the whole call is to be tried again`, async () => {
        const { provider, assets } = await filled(numbered(2));
        server.local!.fail({ operation: 'DeleteObjects', code });
        for (const outcome of await remove(provider, assets))
          expect(outcome, messageOf(outcome)).to.deep.include({ outcome: 'failed', retryable: true });
      });
    }

    it('an answer that leaves a key out does not say that it is gone', async () => {
      const { provider, client, bucket, assets } = await filled(numbered(2));
      client.middlewareStack.add(
        (next) => async (args) => {
          const answer = await next(args);
          const output = answer.output as { Deleted?: unknown[] };
          output.Deleted = output.Deleted?.slice(1) ?? [];
          return answer;
        },
        { step: 'initialize' },
      );
      const [first, second] = await remove(provider, assets);
      expect(first).to.deep.include({ outcome: 'failed', retryable: true });
      expect(second).to.deep.equal({ outcome: 'removed' });
      expect(server.local!.keys(bucket)).to.deep.equal([]);
    });

    describe('where something is expected', () => {
      for (const conditional of ['head', 'if-match'] as const) {
        it(`${conditional}: changed, missing and the same`, async () => {
          const { provider, client, assets, bucket } = await filled(numbered(3), { conditional });
          const expected = await Promise.all(assets.map((asset) => provider.fingerprint!(asset)));
          await put(client, bucket, ['k0.png'], 'another');
          await remove(provider, [assets[1]!]);
          server.local!.reset();
          const outcomes = await remove(
            provider,
            assets.map((asset, i) => ({ ...asset, expected: expected[i] })),
          );
          expect(outcomes).to.deep.equal([
            { outcome: 'kept', reason: 'changed' },
            { outcome: 'missing' },
            { outcome: 'removed' },
          ]);
          const last = conditional === 'head' ? 'DeleteObjects' : 'DeleteObject';
          expect(operations().sort()).to.deep.equal([last, 'HeadObject', 'HeadObject', 'HeadObject'].sort());
        });
      }

      it('if-match: written anew between the look and the removal', async () => {
        const { provider, assets, bucket } = await filled(['a.png'], { conditional: 'if-match' });
        const expected = await provider.fingerprint!(assets[0]!);
        server.local!.onRequest(({ operation }) => {
          if (operation === 'DeleteObject') server.local!.put(bucket, ['a.png'], 'another');
        });
        const outcomes = await remove(provider, [{ ...assets[0]!, expected }]);
        expect(outcomes).to.deep.equal([{ outcome: 'kept', reason: 'changed' }]);
        expect(server.local!.keys(bucket)).to.deep.equal(['a.png']);
      });

      it('the same bytes uploaded anew are another content: the time tells', async () => {
        const { provider, assets, bucket } = await filled(['a.png'], { conditional: 'if-match' });
        const expected = await provider.fingerprint!(assets[0]!);
        server.local!.clock(() => new Date(Date.now() + 5000));
        server.local!.put(bucket, ['a.png']);
        const outcomes = await remove(provider, [{ ...assets[0]!, expected }]);
        expect(outcomes).to.deep.equal([{ outcome: 'kept', reason: 'changed' }]);
      });

      it('a HEAD that is refused is never missing, and one that finds nothing is', async () => {
        const { provider, assets } = await filled(['a.png', 'b.png'], { conditional: 'head' });
        server.local!.fail({
          operation: 'HeadObject',
          key: 'a.png',
          code: 'AccessDenied',
          status: 403,
          times: 2,
        });
        const [outcome] = await remove(provider, [{ ...assets[0]!, expected: 'x' }]);
        expect(outcome).to.deep.include({ outcome: 'failed', retryable: false });
        const thrown: unknown = await provider.fingerprint!(assets[0]!).catch((error: unknown) => error);
        expect(thrown).to.be.instanceOf(S3ProviderError).with.property('status', 403);
        await remove(provider, [assets[1]!]);
        expect(await provider.fingerprint!(assets[1]!)).to.equal(null);
      });
    });

    it('check: one page of one object; what is wrong in a sentence', async () => {
      const { provider } = await filled(['a.png']);
      const { signal } = new AbortController();
      expect(await provider.check({ signal })).to.equal(null);
      expect(operations()).to.deep.equal(['ListObjectsV2']);
      server.local!.fail({ operation: 'ListObjectsV2', code: 'AccessDenied', status: 403 });
      expect(await provider.check({ signal }))
        .to.include('could not be listed')
        .and.to.include('s3:ListBucket');
    });
  });
});

function messageOf(outcome: RemovalOutcome | undefined): string {
  return outcome?.outcome === 'failed' ? outcome.error.message : '';
}
