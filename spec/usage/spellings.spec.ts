import { expect } from 'chai';
import { Schema } from 'mongoose';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { folderProvider, insertRaw, multerResult } from '../support/usage.js';

const Mixed = Schema.Types.Mixed;

/** Spelling, the file that it names, and whether the spelling belongs to the list that `identify` accepts. */
type Row = readonly [stored: unknown, file: string, isListed: boolean];

const NFC = 'caf\u00e9.png';

const SPELLINGS: readonly Row[] = [
  ['/uploads//a.png', 'a.png', true],
  ['//example.com/uploads/a.png', 'a.png', true],
  ['http://example.com/uploads/a.png', 'a.png', true],
  ['https://example.com/uploads//a.png', 'a.png', true],
  ['uploads/a.png', 'a.png', true],
  ['./uploads/a.png', 'a.png', true],
  ['uploads\\a.png', 'a.png', false],
  ['HTTP://example.com/uploads/a.png', 'a.png', false],
  ['https://EXAMPLE.com/uploads/a.png', 'a.png', false],
  ['/UPLOADS/a.png', 'a.png', false],
  ['uploads/./a.png', 'a.png', false],
  ['/uploads/2024/../a.png', 'a.png', false],
  ['/uploads/%2e/a.png', 'a.png', false],
  ['/uploads/%61.png', 'a.png', false],
  ['/uploads/a.png/', 'a.png', false],
  ['/uploads/a.png\n', 'a.png', false],
  [' /uploads/a.png ', 'a.png', false],
  ['/uploads/2024%2Fa.png', '2024/a.png', true],
  ['/uploads/2024%2fa.png', '2024/a.png', true],
  ['/uploads/2024//a.png', '2024/a.png', false],
  ['/uploads/caf%C3%A9.png', NFC, true],
  ['/uploads/caf%c3%a9.png', NFC, true],
  ['/uploads/a%281%29.png', 'a(1).png', true],
  ['/uploads/it%27s%21.png', "it's!.png", true],
  ['/uploads/my%20pic (1).png', 'my pic (1).png', false],
  ['/uploads/caf%C3%A9 (1).png', 'caf\u00e9 (1).png', false],
  [new URL('/uploads/photo [1].png', 'https://example.com').href, 'photo [1].png', true],
  [new URL("/uploads/it's 100^.png", 'https://example.com').pathname, "it's 100^.png", true],
  [new URL('/uploads/a|b`c{d}.png', 'https://example.com').pathname, 'a|b`c{d}.png', true],
  [{ path: 'uploads/a.png', size: 5 }, 'a.png', true],
  [multerResult('uploads/', 'a.png'), 'a.png', true],
  [{ destination: './uploads', filename: 'a.png' }, 'a.png', true],
  [{ url: 'https://example.com/uploads/a.png', width: 10 }, 'a.png', true],
  [{ secure_url: 'https://example.com/uploads/a.png' }, 'a.png', true],
  [{ location: 'https://example.com/uploads/a.png' }, 'a.png', true],
  [{ key: '2024/a.png', bucket: 'b' }, '2024/a.png', true],
  ['http://localhost:9000/uploads/a.png', 'a.png', false],
];

const titleOf = (stored: unknown): string => JSON.stringify(stored);

describe('every spelling of a file in use', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    const provider = folderProvider(s, '', { hosts: ['example.com'] });
    Album = s.model('Album', { image: Mixed }, { provider });
    s.model('Page', { pictures: [Mixed] }, { fields: ['pictures'], provider });
  });
  afterEach(closeTestApps);

  /** Deletes the document that has the plain name, while another one has `stored`. */
  async function deletePlain(file: string, model: string, stored: object): Promise<string[]> {
    await s.uploads.put(file);
    await insertRaw(s.connection.model(model) as AnyDocumentModel, stored);
    const album = await Album.create({ image: s.uploads.path(file) });
    await album.deleteOne();
    return s.outcomes();
  }

  for (const [stored, file, isListed] of SPELLINGS) {
    const reason = isListed ? /^kept .* \(still used\)$/ : /^kept .* \((still used|mentioned)\)$/;

    it(`${titleOf(stored)} in another document of the collection keeps ${file}`, async () => {
      const [told, ...more] = await deletePlain(file, 'Album', { image: stored });
      expect(await s.uploads.has(file)).to.equal(true);
      expect(told).to.match(reason);
      expect(more).to.deep.equal([]);
    });

    it(`${titleOf(stored)} in a document of another model keeps ${file}`, async () => {
      const [told, ...more] = await deletePlain(file, 'Page', { pictures: ['b.png', stored] });
      expect(await s.uploads.has(file)).to.equal(true);
      expect(told).to.match(reason);
      expect(more).to.deep.equal([]);
    });

    it(`${titleOf(stored)} as the last one ${isListed ? 'removes' : 'removes, or an event says why not,'} ${file}`, async () => {
      await s.uploads.put(file);
      await insertRaw(Album, { image: stored });
      await Album.deleteOne({});
      const events = s.events.map(({ outcome, reason: why }) => why ?? outcome);
      const isThere = await s.uploads.has(file);
      expect(events).to.have.length(1);
      if (isListed) expect(isThere, events.join()).to.equal(false);
      expect(events[0]).to.be.oneOf(isThere ? ['not canonical', 'not ours', 'ambiguous'] : ['removed']);
      // a value on our own host and base is ours, however it is spelled
      if (!String(stored).includes('localhost')) expect(events[0]).not.to.equal('not ours');
    });
  }

  it('the name of the file at the user’s machine is no use of a file here', async () => {
    await s.uploads.put('a.png', 'holiday.png');
    await insertRaw(Album, { image: multerResult('uploads/', 'a.png') }, { image: 'holiday.png' });
    await Album.deleteOne({ image: 'holiday.png' });
    expect(await s.outcomes()).to.deep.equal(['removed holiday.png']);
  });

  it('an upload result whose parts name two files uses both, and none goes with it', async () => {
    await s.uploads.put('a.png', 'b.png');
    const result = { path: 'uploads/a.png', url: '/uploads/b.png' };
    await insertRaw(Album, { image: result }, { image: 'a.png' }, { image: 'b.png' });
    await Album.deleteMany({ image: { $in: ['a.png', 'b.png'] } });
    expect((await s.outcomes()).join()).to.match(/^kept a\.png \(.*\),kept b\.png \(.*\)$/);
    await Album.deleteMany({});
    expect(s.events.map(({ reason }) => reason)).to.deep.equal(['ambiguous']);
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
  });

  it('each upload result of an array is a value of its own', async () => {
    await s.uploads.put('a.png', 'b.png');
    const Page = s.connection.model('Page') as AnyDocumentModel;
    await insertRaw(Page, { pictures: [multerResult('uploads', 'a.png'), multerResult('uploads', 'b.png')] });
    await Page.updateOne({}, { $pull: { pictures: { filename: 'a.png' } } });
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
    await Page.deleteOne({});
    expect(await s.uploads.names()).to.deep.equal([]);
  });
});
