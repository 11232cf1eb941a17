import { expect } from 'chai';
import http from 'node:http';
import { v2 } from 'cloudinary';
import { cloudinaryProvider, CloudinaryError } from '../../../lib/providers/cloudinary/index.js';
import type { Asset, RemovalOutcome } from '../../../lib/providers/provider.js';
import {
  CloudinaryServer,
  htmlBadGateway,
  limited,
  noAbort,
  providerFor,
  sdkOptionsFor,
  upload,
} from '../../support/cloudinary/index.js';

const assetOf = (key: string): Asset => ({ provider: 'cloudinary', key: `demo/${key}` });
const outcomesOf = (outcomes: readonly RemovalOutcome[]) => outcomes.map(({ outcome }) => outcome);
const numbered = (count: number) =>
  Array.from({ length: count }, (_, i) => `p/${String(i).padStart(3, '0')}`);

function withResolvers() {
  let resolve!: () => void;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

describe('cloudinary removal', () => {
  let server: CloudinaryServer;
  before(async () => (server = await new CloudinaryServer().start()));
  afterEach(() => server.reset());
  after(() => server.stop());

  const remove = (keys: readonly string[], options = {}, signal = noAbort()) =>
    providerFor(server, options).remove(keys.map(assetOf), { signal });

  for (const api of ['upload', 'admin'] as const) {
    describe(`by the ${api} API`, () => {
      it('removes what an upload stored, as its secure_url names it', async () => {
        const provider = providerFor(server, { api });
        for (const resource_type of ['image', 'video', 'raw']) {
          for (const type of ['upload', 'private', 'authenticated']) {
            const result = await upload(server, { public_id: 'folder/été 1.b', resource_type, type });
            const asset = provider.identify(result.secure_url)!;
            expect(asset).to.deep.equal(provider.identify(result));
            expect(server.store.keys).to.deep.equal([`${resource_type}/${type}/folder/été 1.b`]);
            expect(await provider.remove([asset], { signal: noAbort() })).to.deep.equal([
              { outcome: 'removed' },
            ]);
            expect(server.store.keys).to.deep.equal([]);
          }
        }
      });

      it('an asset of another kind under the same id stays, and the warning names the usual cause', async () => {
        server.store.put('video', 'upload', 'clips/dog');
        const [outcome] = await remove(['image/upload/clips/dog'], { api });
        expect(outcome?.outcome).to.equal('missing');
        expect((outcome as { warning: string }).warning).to.include(
          'the usual cause is a wrong resource type',
        );
        expect(server.store.has('video', 'upload', 'clips/dog')).to.equal(true);
        server.store.remove('video', 'upload', 'clips/dog');
      });

      it('asks for the copies in the CDN to be dropped, unless told not to', async () => {
        await remove(['image/upload/a'], { api });
        await remove(['image/upload/a'], { api, invalidate: false });
        expect(server.seen.map(({ fields }) => fields.get('invalidate'))).to.deep.equal([
          ['true'],
          ['false'],
        ]);
      });

      it('answers each asset of a batch in its place', async () => {
        for (const id of ['b', 'd']) server.store.put('image', 'upload', id);
        const keys = ['image/upload/a', 'image/upload/b', 'raw/upload/c', 'image/upload/d'];
        expect(outcomesOf(await remove(keys, { api }))).to.deep.equal([
          'missing',
          'removed',
          'missing',
          'removed',
        ]);
      });

      it('keeps what is of another cloud, another provider or no asset, and sends nothing for it', async () => {
        const foreign = [
          { provider: 'cloudinary', key: 'other/image/upload/a' },
          { provider: 'local', key: 'demo/image/upload/a' },
          { provider: 'cloudinary', key: 'demo/image/fetch/a' },
          { provider: 'cloudinary', key: 'demo/image/upload/' },
          { provider: 'cloudinary', key: 'demo/image/upload/../a' },
        ];
        const outcomes = await providerFor(server, { api }).remove(foreign, { signal: noAbort() });
        expect(outcomes).to.deep.equal(foreign.map(() => ({ outcome: 'kept', reason: 'not ours' })));
        expect(server.seen).to.deep.equal([]);
      });

      it('leaves no connection behind', async () => {
        server.failNext(3, { status: 503 });
        await remove(['image/upload/a', 'image/upload/b', 'image/upload/c'], { api });
        // The SDK never reads the body of a 503, so that only the end of its agent frees the socket.
        while ((await server.connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
      });

      for (const status of [420, 429] as const) {
        it(`${status}: not before the time that the answer names, and no further request of the batch`, async () => {
          const keys = numbered(api === 'upload' ? 20 : 250).map((id) => `image/upload/${id}`);
          server.failNext(1000, limited(status));
          const outcomes = await remove(keys, { api, concurrency: 2 });
          for (const outcome of outcomes) {
            expect(outcome).to.include({ outcome: 'failed', retryable: true });
            expect((outcome as { retryAt: Date }).retryAt).to.deep.equal(new Date('2031-10-04T14:00:00Z'));
          }
          expect(server.seen.length).to.be.at.most(2);
        });
      }

      it('a rate limit that names no time is retried at the caller’s own pace', async () => {
        server.failNext(1, limited(429, 'Too many'));
        const [outcome] = await remove(['image/upload/a'], { api });
        expect(outcome).to.include({ outcome: 'failed', retryable: true });
        expect(outcome).not.to.have.property('retryAt');
      });

      it('wrong credentials fail the whole batch at once and are never retried', async () => {
        const provider = providerFor(server, {
          ...{ api, concurrency: 2 },
          sdkOptions: { ...sdkOptionsFor(server), api_secret: 'wrong-secret' },
        });
        const outcomes = await provider.remove(
          numbered(20).map((id) => assetOf(`image/upload/${id}`)),
          { signal: noAbort() },
        );
        for (const outcome of outcomes) expect(outcome).to.include({ outcome: 'failed', retryable: false });
        expect(server.seen.length).to.be.at.most(2);
      });

      it('an aborted signal: every asset gets an answer, nothing is sent after it, and connections are cut', async () => {
        const controller = new AbortController();
        server.failNext(1000, 'hang');
        server.onRequest = () => controller.abort(new Error('too slow'));
        const keys = numbered(30).map((id) => `image/upload/${id}`);
        const outcomes = await remove(keys, { api, concurrency: 1 }, controller.signal);
        expect(outcomes).to.have.length(30);
        for (const outcome of outcomes) {
          expect(outcome).to.include({ outcome: 'failed', retryable: true });
          const { error } = outcome as { error: Error };
          expect((error.cause as Error).message).to.include('too slow');
        }
        expect(server.seen).to.have.length(1);
        while ((await server.connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
      });

      it('a signal that is aborted before: nothing is sent', async () => {
        const [outcome] = await remove(['image/upload/a'], { api }, AbortSignal.abort());
        expect(outcome).to.include({ outcome: 'failed', retryable: true });
        expect(server.seen).to.deep.equal([]);
      });

      it('a removal whose answer was lost is missing at the retry', async () => {
        server.store.put('image', 'upload', 'a');
        server.failNext(1, 'done but reset');
        const [first] = await remove(['image/upload/a'], { api });
        expect(first).to.include({ outcome: 'failed', retryable: true });
        expect(outcomesOf(await remove(['image/upload/a'], { api }))).to.deep.equal(['missing']);
      });

      it('nothing asked, nothing sent', async () => {
        expect(await remove([], { api })).to.deep.equal([]);
        expect(server.seen).to.deep.equal([]);
      });
    });
  }

  it('destroy: no more requests at a time than concurrency says', async () => {
    const { promise, resolve } = withResolvers();
    server.gate = promise;
    const come = (count: number) =>
      new Promise<void>((done) => (server.onRequest = () => server.seen.length === count && done()));
    const fourCame = come(4);
    const outcomes = remove(
      numbered(40).map((id) => `image/upload/${id}`),
      { concurrency: 4 },
    );
    await fourCame;
    // This one was sent after whatever else the removal may have sent at once.
    const another = fetch(`${server.uploadPrefix}/another`);
    await come(5);
    expect(server.seen.map(({ path }) => path).filter((path) => path.endsWith('/destroy'))).to.have.length(4);
    resolve();
    await (await another).text();
    expect(await outcomes).to.have.length(40);
    expect(server.seen).to.have.length(41);
  });

  it('destroy: one asset that fails leaves the others their own outcome', async () => {
    for (const id of numbered(3)) server.store.put('image', 'upload', id);
    server.failNext(1, htmlBadGateway);
    const outcomes = await remove(
      numbered(3).map((id) => `image/upload/${id}`),
      { concurrency: 1 },
    );
    expect(outcomesOf(outcomes)).to.deep.equal(['failed', 'removed', 'removed']);
    server.store.remove('image', 'upload', 'p/000');
  });

  it('delete_resources: one request for 100 assets of a kind', async () => {
    for (const id of numbered(250)) server.store.put('image', 'upload', id);
    const outcomes = await remove(
      numbered(250).map((id) => `image/upload/${id}`),
      { api: 'admin' },
    );
    expect(new Set(outcomesOf(outcomes))).to.deep.equal(new Set(['removed']));
    expect(server.seen.map(({ fields }) => fields.get('public_ids[]')?.length).sort()).to.deep.equal([
      100, 100, 50,
    ]);
    expect(server.store.keys).to.deep.equal([]);
  });

  it('delete_resources: an answer about half a batch fails the other half, which may be tried again', async () => {
    for (const id of numbered(4)) server.store.put('image', 'upload', id);
    const keys = numbered(4).map((id) => `image/upload/${id}`);
    server.failNext(1, 'half');
    const outcomes = await remove(keys, { api: 'admin' });
    expect(outcomesOf(outcomes)).to.deep.equal(['removed', 'removed', 'failed', 'failed']);
    expect(outcomes[3]).to.include({ retryable: true });
    expect(outcomesOf(await remove(keys, { api: 'admin' }))).to.deep.equal([
      'missing',
      'missing',
      'removed',
      'removed',
    ]);
  });

  it('delete_resources: the ids that an object inherits are no answer', async () => {
    const outcomes = await remove(['image/upload/constructor', 'image/upload/__proto__'], { api: 'admin' });
    expect(outcomesOf(outcomes)).to.deep.equal(['missing', 'missing']);
    server.failNext(1, { status: 200, body: {} });
    expect(outcomesOf(await remove(['image/upload/constructor'], { api: 'admin' }))).to.deep.equal([
      'failed',
    ]);
  });

  it('an answer that nobody knows is a failure, not a removal', async () => {
    for (const body of [{ result: 'pending' }, {}, 'null']) {
      server.failNext(1, { status: 200, body });
      expect(outcomesOf(await remove(['image/upload/a']))).to.deep.equal(['failed']);
    }
  });

  it('SHA-256 signatures and tokens are the SDK’s business, and pass', async () => {
    server.store.put('image', 'upload', 'a');
    server.store.put('image', 'upload', 'b');
    const { api_key: _key, api_secret, ...rest } = sdkOptionsFor(server);
    const sha256 = { ...sdkOptionsFor(server), signature_algorithm: 'sha256' as const };
    expect(outcomesOf(await remove(['image/upload/a'], { sdkOptions: sha256 }))).to.deep.equal(['removed']);
    const token = { ...rest, oauth_token: api_secret };
    expect(outcomesOf(await remove(['image/upload/b'], { sdkOptions: token }))).to.deep.equal(['removed']);
  });

  it('a signal that is aborted before, with an agent of the app: nothing is sent', async () => {
    const agent = new http.Agent();
    const sdkOptions = { ...sdkOptionsFor(server), agent };
    await remove(['image/upload/a', 'image/upload/b'], { sdkOptions }, AbortSignal.abort());
    // An agent knows of a request as soon as it is made, long before a server does.
    expect([agent.sockets, agent.requests].map((open) => Object.keys(open))).to.deep.equal([[], []]);
  });

  it('uses an agent of the app, and does not end it', async () => {
    const agent = new http.Agent({ keepAlive: true });
    const { destroy } = agent;
    let ends = 0;
    agent.destroy = () => void ends++;
    const sdkOptions = { ...sdkOptionsFor(server), agent };
    await remove(['image/upload/a'], { sdkOptions });
    expect(outcomesOf(await remove(['image/upload/a'], { sdkOptions }))).to.deep.equal(['missing']);
    expect(Object.keys(agent.freeSockets)).to.have.length(1);
    expect(ends).to.equal(0);
    destroy.call(agent);
  });

  it('a wrong cloud, a missing key: failed at once', async () => {
    const { api_key: _key, ...keyless } = sdkOptionsFor(server);
    const other = { ...sdkOptionsFor(server), cloud_name: 'other' };
    const [noKey] = await remove(['image/upload/a'], { sdkOptions: keyless });
    expect(noKey).to.include({ outcome: 'failed', retryable: false });
    expect((noKey as { error: Error }).error.message).to.include('Must supply api_key');
    const [wrongCloud] = await providerFor(server, { sdkOptions: other }).remove(
      [{ provider: 'cloudinary', key: 'other/image/upload/a' }],
      { signal: noAbort() },
    );
    expect(wrongCloud).to.include({ outcome: 'failed', retryable: false });
    expect((wrongCloud as { error: Error }).error)
      .to.be.instanceOf(CloudinaryError)
      .and.include({ status: 401 });
  });

  it('two clouds in one process, each over its own server', async () => {
    const account = { cloud: 'second', apiKey: 'key-2', apiSecret: 'secret-2' };
    const second = await new CloudinaryServer(account).start();
    server.store.put('image', 'upload', 'a');
    second.store.put('image', 'upload', 'a');
    const provider = cloudinaryProvider({
      cloudinary: v2,
      name: 'second',
      sdkOptions: sdkOptionsFor(second),
    });
    const asset = provider.identify('https://res.cloudinary.com/second/image/upload/v1/a.jpg')!;
    expect(await provider.remove([asset], { signal: noAbort() })).to.deep.equal([{ outcome: 'removed' }]);
    expect(server.store.keys).to.deep.equal(['image/upload/a']);
    server.store.remove('image', 'upload', 'a');
    await second.stop();
  });
});
