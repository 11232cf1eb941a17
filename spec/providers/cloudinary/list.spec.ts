import { expect } from 'chai';
import { CloudinaryError } from '../../../lib/providers/cloudinary/index.js';
import type { StoredAsset } from '../../../lib/providers/provider.js';
import {
  CloudinaryServer,
  providerFor,
  rateLimitText,
  sdkOptionsFor,
} from '../../support/cloudinary/index.js';

async function all(entries: AsyncIterable<StoredAsset>): Promise<StoredAsset[]> {
  const found: StoredAsset[] = [];
  for await (const one of entries) found.push(one);
  return found;
}

describe('cloudinary listing', () => {
  let server: CloudinaryServer;
  beforeEach(async () => (server = await new CloudinaryServer().start()));
  afterEach(() => server.stop());

  it('has every asset of every kind, in pages of 500', async () => {
    for (const resourceType of ['image', 'video', 'raw']) {
      for (const type of ['upload', 'private', 'authenticated'])
        server.store.put(resourceType, type, 'folder/ä');
    }
    for (let i = 0; i < 1234; i++) server.store.put('image', 'upload', `p/${i}`);
    const keys = (await all(providerFor(server).list({}))).map(({ asset }) => asset.key);
    expect(keys.sort()).to.deep.equal(server.store.keys.map((key) => `demo/${key}`).sort());
    expect(server.seen).to.have.length(3 + 8);
  });

  it('says size and time of the last upload, also of an asset that was overwritten', async () => {
    const first = server.store.put('image', 'upload', 'a', 'jpg', 10);
    const second = server.store.put('image', 'upload', 'a', 'jpg', 20);
    expect(second.created_at).to.equal(first.created_at);
    const [entry] = await all(providerFor(server).list({}));
    expect(entry).to.deep.equal({
      asset: { provider: 'cloudinary', key: 'demo/image/upload/a' },
      size: 20,
      modifiedAt: new Date(second.version * 1000),
    });
  });

  it('only ids that begin with the prefix', async () => {
    for (const id of ['a/1', 'a/2', 'ab', 'b']) server.store.put('image', 'upload', id);
    const keys = (await all(providerFor(server).list({ prefix: 'a/' }))).map(({ asset }) => asset.key);
    expect(keys).to.deep.equal(['demo/image/upload/a/1', 'demo/image/upload/a/2']);
  });

  it('leaves out ids that no value could name', async () => {
    server.store.put('image', 'upload', 'a+b');
    server.store.put('image', 'upload', 'v1/a');
    expect(await all(providerFor(server).list({}))).to.deep.equal([]);
  });

  it('the rate limit ends it, with the time that Cloudinary names', async () => {
    server.adminLimit = 2;
    const error: unknown = await all(providerFor(server).list({})).catch((rejected: unknown) => rejected);
    expect(error).to.be.instanceOf(CloudinaryError);
    expect((error as CloudinaryError).retryAt).to.deep.equal(new Date('2031-10-04T14:00:00Z'));
    expect((error as Error).message).to.include(rateLimitText);
  });

  it('an abort ends it, also where the SDK’s call never settles', async () => {
    const controller = new AbortController();
    server.failNext(1, 'hang');
    server.onRequest = () => controller.abort(new Error('enough'));
    const error: unknown = await all(providerFor(server).list({ signal: controller.signal })).catch(
      (e: unknown) => e,
    );
    expect((error as Error).message).to.equal('enough');
    while ((await server.connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
  });

  it('a page that never comes ends it after the time-out, without any signal', async () => {
    server.failNext(1, 'hang');
    const provider = providerFor(server, { sdkOptions: { ...sdkOptionsFor(server), timeout: 20 } });
    const error: unknown = await all(provider.list({})).catch((rejected: unknown) => rejected);
    expect(error).to.be.instanceOf(CloudinaryError);
  });

  it('stops asking when its reader stops', async () => {
    for (let i = 0; i < 600; i++) server.store.put('image', 'upload', `p/${i}`);
    for await (const one of providerFor(server).list({})) {
      expect(one.size).to.equal(1000);
      break;
    }
    expect(server.seen).to.have.length(1);
    while ((await server.connections()) > 0) await new Promise((resolve) => setImmediate(resolve));
  });
});
