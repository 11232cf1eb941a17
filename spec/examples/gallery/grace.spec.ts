import { expect } from 'chai';
import path from 'node:path';
import type { BinView, FileView, GalleryState } from '../../../examples/gallery/state.js';
import { openGallery } from '../../../examples/gallery/gallery.js';
import { freshDatabase } from '../../support/database.js';
import { failCommands, healCommands } from '../../support/fail-points.js';
import { formWith, pictureFile, RunningGallery } from '../../support/gallery.js';
import { letTimePass } from '../../support/journal.js';
import { Uploads } from '../../support/uploads.js';
import { describeWith, itWith } from '../../support/versions.js';

const MINUTE = 60_000;

describeWith('updates by pipelines')('the gallery, with a grace period', () => {
  let g: RunningGallery;
  afterEach(() => g.close());

  const nameOf = (url: string): string => path.basename(url);
  const remove = (id: string, how = 'plain') => g.send('DELETE', `/api/albums/${id}`, { how });
  const isServed = async (url: string): Promise<boolean> => (await fetch(g.origin + url)).status === 200;
  const letFilesGo = () => letTimePass(g.gallery.Album.db, MINUTE);
  /** The first state that is as wanted. */
  const state = async (isWanted: (now: GalleryState) => boolean = () => true): Promise<GalleryState> => {
    const { data } = await g.follow(({ type, data: now }) => type === 'state' && isWanted(now));
    return data as GalleryState;
  };
  const fileIn = ({ files }: GalleryState, url: string): FileView => files.find((one) => one.url === url)!;
  const binOf = async (): Promise<BinView[]> => (await state()).bin;
  const undo = ({ id }: BinView) => g.send('POST', `/api/bin/${id}/undo`);
  const imagesOf = async (id: string): Promise<string[]> => {
    const { cover, gallery } = await g.find(id);
    return [cover!, ...gallery];
  };
  /** What the library tells of these files, from now on, until each of them has an outcome. */
  const outcomesOf = async (urls: readonly string[]): Promise<string[]> => {
    const told = new Map<string, string>();
    const note = ({ outcome, file, text }: { outcome: string; file: string; text: string }): void => {
      told.set(file, `${outcome}: ${text}`);
    };
    const areThere = (): boolean => urls.every((url) => told.has(nameOf(url)));
    await g.follow(({ type, data }) => {
      if (type === 'lines') data.forEach(note);
      if (type === 'line') note(data);
      return areThere();
    });
    return urls.map((url) => told.get(nameOf(url))!);
  };
  const STAYS = 'kept: a document still uses it';
  const GONE = 'removed: no document uses it any more';

  describe('of a minute', () => {
    beforeEach(async () => {
      g = await RunningGallery.start({ gracePeriod: MINUTE });
    });

    it('a deleted album has its files for that time, and the page says when they go', async () => {
      const id = await g.album('Dunes', 3);
      const images = await imagesOf(id);
      const { text } = await remove(id);
      expect(text).to.equal(
        '“Dunes” was deleted: 3 files will be removed in 60 seconds, unless a document uses them again.',
      );
      for (const image of images) expect(await isServed(image), image).to.equal(true);
      const now = await state();
      expect(now.albums).to.deep.equal([]);
      expect(now.bin).to.have.length(1);
      expect(now.bin[0]).to.deep.include({ what: 'album', albumId: id, title: 'Dunes', images });
      for (const image of images) {
        const { goesAt, usedBy } = fileIn(now, image);
        expect(usedBy).to.deep.equal([]);
        const later = Date.parse(goesAt!) - Date.parse(now.bin[0]!.until);
        expect(later, 'what can be undone still has its files').to.be.within(0, MINUTE);
      }
    });

    it('undone, the album is back with its pictures, and they are there after the time', async () => {
      const id = await g.album('Dunes', 3, { tag: 'sand' });
      const images = await imagesOf(id);
      await remove(id);
      const [entry] = await binOf();
      const { text, call } = await undo(entry!);
      expect(text).to.equal('“Dunes” was restored with 3 files: a document uses them again, so they stay.');
      expect(call).to.equal('await Album.create(deletedAlbum) // the same values as before');
      expect(await imagesOf(id)).to.deep.equal(images);
      expect(await g.find(id)).to.include({ title: 'Dunes', tag: 'sand' });
      const now = await state();
      expect(now.bin).to.deep.equal([]);
      for (const image of images) expect(fileIn(now, image)).to.include({ goesAt: null, isBack: true });
      await letFilesGo();
      expect(await outcomesOf(images)).to.deep.equal([STAYS, STAYS, STAYS]);
      for (const image of images) expect(await isServed(image), image).to.equal(true);
    });

    it('not undone, its files are gone after the time, and nothing can be undone', async () => {
      const id = await g.album('Dunes', 2);
      const images = await imagesOf(id);
      await remove(id);
      const [entry] = await binOf();
      await letFilesGo();
      expect(await outcomesOf(images)).to.deep.equal([GONE, GONE]);
      for (const image of images) expect(await isServed(image), image).to.equal(false);
      await g.gallery.Album.db.collection('bin').updateMany({}, { $set: { until: new Date() } });
      expect(await binOf()).to.deep.equal([]);
      const { status, text } = await undo(entry!);
      expect([status, text]).to.deep.equal([410, 'It is too late to undo this; it is no longer in the bin.']);
      expect(await g.gallery.Album.countDocuments()).to.equal(0);
    });

    it('deleted for ever, its files are gone at once, and those that it let go of before', async () => {
      const id = await g.album('Dunes', 3);
      await g.send('PUT', `/api/albums/${id}/cover`, formWith(1));
      expect(await g.uploads.names()).to.have.length(4);
      const { text, call } = await remove(id, 'for ever');
      expect(text).to.equal('“Dunes” was deleted permanently: 4 files removed.');
      expect(call).to.contain('{ imageCleanup: { gracePeriod: 0 } }');
      expect(await g.uploads.names()).to.deep.equal([]);
      expect(await binOf()).to.deep.equal([]);
    });

    it('a replaced cover can be had back; the newer one goes then', async () => {
      const id = await g.album('Dunes', 2);
      const [old, other] = await imagesOf(id);
      const { text } = await g.send('PUT', `/api/albums/${id}/cover`, formWith(1));
      expect(text).to.equal(
        '“Dunes” has a new cover: 1 file will be removed in 60 seconds, unless a document uses it again.',
      );
      const { cover: newer } = await g.find(id);
      const [entry] = await binOf();
      expect(entry).to.deep.include({ what: 'cover', images: [old] });
      await undo(entry!);
      expect((await g.find(id)).cover).to.equal(old);
      expect(await binOf()).to.have.length(1);
      await letFilesGo();
      expect(await outcomesOf([old!, newer!])).to.deep.equal([STAYS, GONE]);
      expect(await g.uploads.names()).to.deep.equal([old!, other!].map(nameOf).sort());
    });

    it('a replaced avatar can be had back', async () => {
      const id = await g.album('Dunes', 0);
      const replace = () => g.send('PUT', `/api/albums/${id}/avatar`, formWith(0, { avatar: pictureFile() }));
      await replace();
      const { avatar } = (await g.find(id)).owner;
      await replace();
      const [entry] = await binOf();
      await undo(entry!);
      expect((await g.find(id)).owner.avatar).to.equal(avatar);
    });

    it('an image that was taken out comes back to its place', async () => {
      const id = await g.album('Dunes', 4);
      const images = await imagesOf(id);
      await g.send('DELETE', `/api/albums/${id}/gallery`, { image: images[2] });
      expect(await imagesOf(id)).to.have.length(3);
      const [entry] = await binOf();
      const { text } = await undo(entry!);
      expect(text).to.contain('The image was restored in “Dunes”');
      expect(await imagesOf(id)).to.deep.equal(images);
    });

    it('need not wait: what is in the bin can be removed now, but for what is used elsewhere', async () => {
      const [dunes, harbour] = [await g.album('Dunes', 2), await g.album('Harbour', 1)];
      const [cover, image] = await imagesOf(dunes);
      await g.send('POST', `/api/albums/${dunes}/share`, { with: harbour });
      await remove(dunes);
      const [entry] = await binOf();
      const { text } = await g.send('DELETE', `/api/bin/${entry!.id}`);
      expect(text).to.equal(
        'The bin entry of “Dunes” was emptied: 1 file removed, 1 file kept because a document still uses it.',
      );
      expect([await isServed(cover!), await isServed(image!)]).to.deep.equal([true, false]);
      expect(await binOf()).to.deep.equal([]);
    });

    it('an upload whose form is never sent goes after the time', async () => {
      const { text, call } = await g.send('POST', '/api/uploads', formWith(1));
      expect(text).to.contain('its form is not sent: 1 file will be removed in 60 seconds');
      expect(call).to.contain('{ after: 60000 }');
      const { files } = await state();
      expect(files).to.have.length(1);
      expect(files[0]!.goesAt).to.be.a('string');
      await letFilesGo();
      expect(await outcomesOf([files[0]!.url])).to.deep.equal([GONE]);
      expect(await g.uploads.names()).to.deep.equal([]);
    });

    itWith('transactions')(
      'many that were deleted at once come back one by one; what was rolled back is in no bin',
      async () => {
        const id = await g.album('Dunes', 1, { tag: 'sand' });
        await g.album('Desert', 1, { tag: 'sand' });
        await remove(id, 'rollback');
        expect(await binOf()).to.deep.equal([]);
        await g.send('DELETE', '/api/albums', { tag: 'sand' });
        const entries = await binOf();
        expect(entries.map(({ title }) => title)).to.have.members(['Dunes', 'Desert']);
        for (const entry of entries) expect((await undo(entry)).status).to.equal(200);
        expect(await g.gallery.Album.countDocuments({ tag: 'sand' })).to.equal(2);
      },
    );

    itWith('transactions')('a deletion that was committed can be undone, too', async () => {
      const id = await g.album('Dunes', 1);
      const { text } = await remove(id, 'commit');
      expect(text).to.contain('end of the transaction): 1 file will be removed in 60 seconds');
      const [entry] = await binOf();
      expect((await undo(entry!)).status).to.equal(200);
      expect((await g.find(id)).title).to.equal('Dunes');
    });

    itWith('fail points')('a deletion that failed leaves nothing in the bin', async () => {
      const id = await g.album('Dunes', 1);
      const { db } = g.gallery.Album;
      await failCommands(db, { commands: ['findAndModify'], errorCode: 13 });
      const { status } = await remove(id);
      await healCommands(db);
      expect(status).to.equal(500);
      expect(g.log).to.have.length(1);
      expect(await binOf()).to.deep.equal([]);
      expect((await g.find(id)).title).to.equal('Dunes');
    });

    it('undoes nothing twice', async () => {
      await remove(await g.album('Dunes', 1));
      const [entry] = await binOf();
      const statuses = (await Promise.all([undo(entry!), undo(entry!)])).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).to.have.length(1);
      expect(statuses.find((status) => status !== 200)).to.be.oneOf([409, 410]);
      expect(await g.gallery.Album.countDocuments()).to.equal(1);
      expect((await g.send('POST', '/api/bin/nonsense/undo')).status).to.equal(400);
      expect((await g.send('DELETE', `/api/bin/${entry!.id}`)).status).to.equal(410);
      expect(g.log).to.deep.equal([]);
    });
  });

  it('a second: the worker removes the files by itself', async () => {
    g = await RunningGallery.start({ gracePeriod: 1000 });
    const id = await g.album('Dunes', 2);
    const images = await imagesOf(id);
    await remove(id);
    expect(await outcomesOf(images)).to.deep.equal([GONE, GONE]);
    expect(await g.uploads.names()).to.deep.equal([]);
  });

  it('outlives its process: the next one removes what the first one dropped', async () => {
    g = await RunningGallery.start();
    const uploads = await Uploads.create();
    const open = (database: string) =>
      openGallery({
        mongodbUri: database,
        dataFolder: uploads.outside,
        gracePeriod: MINUTE,
        workEvery: '100ms',
        logger: { warn: () => undefined, error: () => undefined },
      });
    const database = freshDatabase();
    const first = await open(database);
    await uploads.put('a.png');
    await first.Album.create({ title: 'Dunes', cover: '/uploads/a.png' });
    await first.Album.deleteMany({});
    await first.close();
    expect(await uploads.names()).to.deep.equal(['a.png']);
    const second = await open(database);
    await letTimePass(second.Album.db, MINUTE);
    while ((await uploads.names()).length > 0) await new Promise((resolve) => setImmediate(resolve));
    await second.close({ dropDatabase: true });
    await uploads.destroy();
  });
});
