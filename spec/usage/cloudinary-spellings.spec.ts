import { expect } from 'chai';
import { Schema } from 'mongoose';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { CloudinaryServer, providerFor, type UploadResult } from '../support/cloudinary/index.js';
import { insertRaw } from '../support/usage.js';

const Mixed = Schema.Types.Mixed;

/** What apps store of an upload, and whether `identify` accepts it. */
const SPELLINGS: Record<string, readonly [of: (result: UploadResult) => unknown, isListed: boolean]> = {
  '{ url }': [({ url }) => ({ url }), true],
  '{ secure_url }': [({ secure_url }) => ({ secure_url }), true],
  '{ url, publicId }': [({ url, public_id }) => ({ url, publicId: public_id }), true],
  '{ public_id }': [({ public_id }) => ({ public_id }), true],
  '{ publicId }': [({ public_id }) => ({ publicId: public_id }), true],
  'the { path, filename } of multer-storage-cloudinary': [
    ({ secure_url, public_id }) => ({ path: secure_url, filename: public_id, originalname: 'a.png' }),
    true,
  ],
  '{ secure_url } with a transformation and no version': [
    ({ public_id }) => ({ url: `https://res.cloudinary.com/demo/image/upload/c_fill,w_9/${public_id}.jpg` }),
    // without a version the first segment may be a folder: ambiguous
    false,
  ],
  'a URL whose host is in upper case': [({ secure_url }) => secure_url.replace('res', 'RES'), false],
  'a URL whose scheme is in upper case': [({ secure_url }) => secure_url.replace('https', 'HTTPS'), false],
  '{ url } whose host is in upper case': [({ url }) => ({ url: url.replace('res', 'RES') }), false],
  'an object of the app’s own': [({ secure_url }) => ({ picture: { src: [secure_url] } }), false],
  'a text': [({ secure_url }) => `<p><img src="${secure_url}"></p>`, false],
};

describe('every spelling of an image of Cloudinary in use', () => {
  let s: TestApp;
  let server: CloudinaryServer;
  let Album: AnyDocumentModel;
  let result: UploadResult;
  beforeEach(async () => {
    s = await testApp();
    server = await new CloudinaryServer().start();
    const provider = providerFor(server);
    Album = s.model('Album', { image: Mixed }, { provider });
    s.model('Page', { pictures: [Mixed] }, { fields: ['pictures'], provider });
    result = server.uploadResult(server.store.put('image', 'upload', 'app/holiday'));
  });
  afterEach(closeTestApps);
  afterEach(() => server.stop());

  const destroyed = (): string[] =>
    server.seen
      .filter(({ path }) => path.endsWith('/destroy'))
      .map(({ fields }) => fields.get('public_id')![0]!);

  for (const [title, [spell, isListed]] of Object.entries(SPELLINGS)) {
    for (const [where, name, documentOf] of [
      ['in another document of the collection', 'Album', (image: unknown) => ({ image })],
      ['in a document of another model', 'Page', (image: unknown) => ({ pictures: [image] })],
    ] as const) {
      it(`${title} ${where} keeps it`, async () => {
        const model = s.connection.model(name) as AnyDocumentModel;
        await insertRaw(model, documentOf(spell(result)));
        const album = await Album.create({ image: result.secure_url });
        await album.deleteOne();
        const [told, ...more] = await s.outcomes();
        expect(told).to.match(isListed ? /\(still used\)$/ : /\((still used|mentioned)\)$/);
        expect(more).to.deep.equal([]);
        expect(destroyed()).to.deep.equal([]);
      });
    }

    it(`${title} as the last one ${isListed ? 'is destroyed' : 'is destroyed, or an event says why not'}`, async () => {
      await insertRaw(Album, { image: spell(result) });
      await Album.deleteOne({});
      const told = s.events.map(({ outcome, reason }) => reason ?? outcome);
      if (isListed) expect(destroyed(), told.join()).to.deep.equal(['app/holiday']);
      expect(told).to.have.length(1);
      expect(told[0]).to.be.oneOf(
        destroyed().length > 0 ? ['removed'] : ['not canonical', 'not ours', 'ambiguous'],
      );
    });
  }

  it('an upload result that a save replaces is destroyed', async () => {
    await insertRaw(Album, { image: { path: result.secure_url, filename: result.public_id } });
    const album = await Album.findOne();
    album.image = { path: result.secure_url.replace('holiday', 'other'), filename: 'app/other' };
    await album.save();
    expect(destroyed()).to.deep.equal(['app/holiday']);
    expect((await s.outcomes()).map((told) => told.split(' ')[0])).to.deep.equal(['removed']);
  });
});
