import { expect } from 'chai';
import express from 'express';
import multer from 'multer';
import multerS3 from 'multer-s3';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { app, provided } from './scene.js';

/** The file object of a real upload through Express, multer and multer-s3. */
async function uploaded(
  storage: multer.StorageEngine,
  name: string,
  size: number,
): Promise<Record<string, unknown>> {
  const web = express();
  web.post('/', multer({ storage }).single('image'), (request, response) => void response.json(request.file));
  const listening = web.listen(0, '127.0.0.1');
  await once(listening, 'listening');
  try {
    const form = new FormData();
    form.set('image', new Blob([Buffer.alloc(size)]), name);
    const { port } = listening.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${String(port)}/`, { method: 'POST', body: form });
    return (await answer.json()) as Record<string, unknown>;
  } finally {
    listening.closeAllConnections();
    listening.close();
  }
}

describe('what multer-s3 tells of an upload', () => {
  let server: S3Server;
  before(async () => (server = await startS3()));
  after(() => server.stop());

  for (const [what, size] of [
    ['a small one', 10],
    ['one in parts', 5 * 1024 * 1024 + 1],
  ] as const) {
    it(`${what}: the file object, its location and its key are one object, which goes with the last of them`, async function () {
      this.timeout(30_000);
      if (size > 10 && (await server.lacks('locations-of-parts'))) this.skip();
      const { provider, client, bucket } = await provided(server);
      const storage = multerS3({
        s3: client,
        bucket,
        key: (_request, file, done) => done(null, `img/${file.originalname}`),
      });
      const file = await uploaded(storage, "my photo (1)'s+.png", size);
      const asset = { provider: 's3', key: `${bucket}/img/my photo (1)'s+.png` };
      expect(provider.identify(file)).to.deep.equal(asset);
      expect(provider.possible(file['location'])).to.deep.include(asset);
      const { Album, outcomes } = await app(provider);
      await Album.create([{ image: file }, { image: file['location'] }, { image: file['key'] }]);
      for (const field of ['image.key', 'image']) {
        await Album.deleteOne({ [field]: field === 'image' ? file['location'] : file['key'] });
        expect(await provider.fingerprint!(asset), field).to.be.a('string');
      }
      await Album.deleteMany({});
      expect(outcomes()).to.deep.equal(['removed', 'still used', 'still used']);
      expect(await provider.fingerprint!(asset)).to.equal(null);
    });
  }
});
