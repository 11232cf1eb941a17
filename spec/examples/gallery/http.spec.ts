import { expect } from 'chai';
import express from 'express';
import fse from 'fs-extra';
import { EventEmitter, once } from 'node:events';
import { watch } from 'node:fs';
import { connect as openSocket, type AddressInfo } from 'node:net';
import path from 'node:path';
import { Live } from '../../../examples/gallery/live.js';
import { formWith, pictureFile, RunningGallery } from '../../support/gallery.js';
import { png } from '../../support/pictures.js';
import { describeWith, itWith } from '../../support/versions.js';

const NOBODY = '0123456789abcdef01234567';

describe('the gallery over HTTP', () => {
  let g: RunningGallery;
  beforeEach(async () => {
    g = await RunningGallery.start();
  });
  afterEach(async () => {
    await g.close();
  });

  const nameOf = (url: string): string => path.basename(url);
  const storage = (fault: string) => g.send('PUT', '/api/storage', { fault });
  const remove = (id: string, how = 'plain') => g.send('DELETE', `/api/albums/${id}`, { how });
  /** Nothing is left of an upload: neither where it arrived nor where images live. */
  const noTrace = async (): Promise<void> => {
    expect(await g.uploads.names()).to.deep.equal([]);
    const arrivals = (await fse.readdir(g.uploads.outside)).filter((name) => name.startsWith('.incoming-'));
    for (const folder of arrivals) {
      expect(await fse.readdir(path.join(g.uploads.outside, folder))).to.deep.equal([]);
    }
  };

  /** What the gallery has begun to write for an upload that broke off goes when the server notices. */
  const arrivalsGone = async (): Promise<void> => {
    const [incoming] = (await fse.readdir(g.uploads.outside)).filter((name) => name.startsWith('.incoming-'));
    const folder = path.join(g.uploads.outside, incoming!);
    const watcher = watch(folder);
    while ((await fse.readdir(folder)).length > 0) await once(watcher, 'change');
    watcher.close();
  };

  // the gallery has a journal
  describeWith('updates by pipelines')('actions', () => {
    it('creates an album: the first image is the cover, the others the gallery', async () => {
      const form = formWith(3, { title: ' Dunes ', tag: 'sand', owner: 'Ada', avatar: pictureFile() });
      const { status, text, call } = await g.send('POST', '/api/albums', form);
      expect([status, text]).to.deep.equal([200, '“Dunes” was created with 4 files.']);
      expect(call).to.contain('Album.create');
      const album = await g.gallery.Album.findOne().lean().orFail();
      expect(album).to.deep.include({ title: 'Dunes', tag: 'sand' });
      expect(album.owner.name).to.equal('Ada');
      const stored = [album.cover!, ...album.gallery, album.owner.avatar!];
      expect(await g.uploads.names()).to.deep.equal(stored.map(nameOf).sort());
    });

    it('replaces a cover: the old file leaves, the new one stays', async () => {
      const id = await g.album('Dunes', 2);
      const before = await g.find(id);
      const { text, call } = await g.send('PUT', `/api/albums/${id}/cover`, formWith(1));
      expect(text).to.equal('“Dunes” has a new cover: 1 file removed.');
      const { cover, gallery } = await g.find(id);
      expect(call).to.equal(`album.cover = '${cover!}';\nawait album.save()`);
      expect(await g.uploads.names()).to.deep.equal([cover!, ...gallery].map(nameOf).sort());
      expect(await g.uploads.has(nameOf(before.cover!))).to.equal(false);
    });

    it('replaces an avatar in the sub-document', async () => {
      const id = await g.album('Dunes', 1);
      await g.send('PUT', `/api/albums/${id}/avatar`, formWith(0, { avatar: pictureFile() }));
      const { text } = await g.send(
        'PUT',
        `/api/albums/${id}/avatar`,
        formWith(0, { avatar: pictureFile() }),
      );
      expect(text).to.equal('The owner of “Dunes” has a new avatar: 1 file removed.');
      const { cover, owner } = await g.find(id);
      expect(await g.uploads.names()).to.deep.equal([cover!, owner.avatar!].map(nameOf).sort());
    });

    it('adds images to the gallery', async () => {
      const id = await g.album('Dunes', 1);
      const { text } = await g.send('POST', `/api/albums/${id}/gallery`, formWith(2));
      expect(text).to.equal('2 files added to “Dunes”.');
      expect((await g.find(id)).gallery).to.have.length(2);
      expect(await g.uploads.names()).to.have.length(3);
    });

    it('takes one image out of the gallery', async () => {
      const id = await g.album('Dunes', 3);
      const [image, other] = (await g.find(id)).gallery;
      const { text, call } = await g.send('DELETE', `/api/albums/${id}/gallery`, { image });
      expect(text).to.equal('One image was removed from “Dunes”: 1 file removed.');
      expect(call).to.contain('$pull');
      expect((await g.find(id)).gallery).to.deep.equal([other]);
      expect(await g.uploads.has(nameOf(image!))).to.equal(false);
    });

    it('reorders the gallery without touching a file', async () => {
      const id = await g.album('Dunes', 4);
      const { gallery } = await g.find(id);
      const images = [...gallery].reverse();
      const { text } = await g.send('PUT', `/api/albums/${id}/gallery`, { images });
      expect(text).to.equal('The gallery of “Dunes” has a new order: no file was removed.');
      expect((await g.find(id)).gallery).to.deep.equal(images);
      expect(await g.uploads.names()).to.have.length(4);
    });

    it('keeps a shared cover until its last album goes', async () => {
      const [dunes, harbour] = [await g.album('Dunes', 1), await g.album('Harbour', 1)];
      const cover = nameOf((await g.find(dunes)).cover!);
      const shared = await g.send('POST', `/api/albums/${dunes}/share`, { with: harbour });
      expect(shared.text).to.match(/^The cover of “Dunes” is now also in the gallery of “Harbour”/);
      const first = await remove(dunes);
      expect(first.text).to.equal('“Dunes” was deleted: 1 file kept because a document still uses it.');
      expect(await g.uploads.has(cover)).to.equal(true);
      const last = await remove(harbour);
      expect(last.text).to.equal('“Harbour” was deleted: 2 files removed.');
      await noTrace();
    });

    it('deletes many by tag', async () => {
      await g.album('Dunes', 2, { tag: 'sand' });
      await g.album('Desert', 1, { tag: 'sand' });
      const id = await g.album('Harbour', 1, { tag: "sailor's" });
      const many = await g.send('DELETE', '/api/albums', { tag: 'sand' });
      expect(many.text).to.equal('2 albums with the tag “sand” were deleted: 3 files removed.');
      expect(many.call).to.equal("await Album.deleteMany({ tag: 'sand' })");
      expect(await g.uploads.names()).to.deep.equal([nameOf((await g.find(id)).cover!)]);
      const one = await g.send('DELETE', '/api/albums', { tag: "sailor's" });
      expect(one.call).to.equal("await Album.deleteMany({ tag: 'sailor\\'s' })");
    });

    itWith('transactions')('rolls a deletion back: album and files are still there', async () => {
      const id = await g.album('Dunes', 3);
      const before = await g.uploads.names();
      const { status, text, call } = await remove(id, 'rollback');
      expect(status).to.equal(200);
      expect(text).to.contain(
        'no file left the folder before the end of the transaction, and the album and its files still exist',
      );
      expect(call).to.contain('abortTransaction');
      expect((await g.find(id)).title).to.equal('Dunes');
      expect(await g.uploads.names()).to.deep.equal(before);
    });

    itWith('transactions')('lets the files of a deletion go with the commit', async () => {
      const id = await g.album('Dunes', 3);
      const { text } = await remove(id, 'commit');
      expect(text).to.equal(
        '“Dunes” was deleted and committed (no file left the folder before the end of the transaction): 3 files removed.',
      );
      await noTrace();
    });

    it('leaves orphans when the plugin is off for the call, and removes them when asked', async () => {
      const id = await g.album('Dunes', 1);
      const [orphan] = await g.uploads.names();
      const { text, call } = await remove(id, 'without cleanup');
      expect(text).to.contain('its files stay as orphans');
      expect(call).to.contain('{ imageCleanup: false }');
      expect(await g.uploads.names()).to.deep.equal([orphan]);
      const asked = await g.send('POST', '/api/files/remove-unused', { file: orphan });
      expect(asked.text).to.match(/: 1 file removed\.$/);
      await noTrace();
    });

    it('does not remove a file in use when asked to', async () => {
      await g.album('Dunes', 1);
      const [file] = await g.uploads.names();
      const { text } = await g.send('POST', '/api/files/remove-unused', { file });
      expect(text).to.match(/: 1 file kept because a document still uses it\.$/);
      expect(await g.uploads.names()).to.deep.equal([file]);
    });
  });

  describeWith('updates by pipelines')('a failing storage', () => {
    it('is busy twice, then the library has removed the file', async () => {
      const id = await g.album('Dunes', 1);
      expect((await storage('busy')).text).to.contain('EBUSY');
      const seen: string[] = [];
      let isListening!: () => void;
      const listening = new Promise<void>((resolve) => (isListening = resolve));
      const followed = g.follow(({ type, data }) => {
        if (type === 'lines') isListening();
        if (type === 'line') seen.push(`${data.outcome}: ${data.text}`);
        return type === 'line' && data.outcome === 'removed';
      });
      await listening;
      const { text } = await remove(id);
      expect(text).to.equal('“Dunes” was deleted: 1 file waiting for another try.');
      await followed;
      expect(seen.map((line) => line.replace(/;.*/, ''))).to.deep.equal([
        'refused: the storage is busy (EBUSY, try 1)',
        'refused: the storage is busy (EBUSY, try 2)',
        'removed: no document uses it any more',
      ]);
      await noTrace();
    });

    it('refuses permission: failed at once, and the file stays', async () => {
      const id = await g.album('Dunes', 1);
      const [file] = await g.uploads.names();
      await storage('denied');
      expect((await remove(id)).text).to.equal('“Dunes” was deleted: 1 file failed.');
      expect(await g.uploads.names()).to.deep.equal([file]);
      await storage('none');
      expect((await g.send('POST', '/api/files/remove-unused', { file })).text).to.match(/1 file removed/);
    });

    it('knows no other switches', async () => {
      expect((await storage('on fire')).status).to.equal(400);
    });
  });

  describe('the live view', () => {
    it('tells of every file who uses it', async () => {
      const id = await g.album('Dunes', 2, { owner: 'Ada' });
      const { cover, gallery } = await g.find(id);
      const { data } = await g.follow(({ type }) => type === 'state');
      const { files, albums } = data as { files: { name: string }[]; albums: unknown[] };
      expect(albums).to.have.length(1);
      expect(files).to.have.deep.members([
        file(cover!, [{ title: 'Dunes', as: 'cover' }]),
        file(gallery[0]!, [{ title: 'Dunes', as: 'gallery' }]),
      ]);
      function file(url: string, usedBy: unknown) {
        return { name: nameOf(url), url, size: png().length, usedBy, goesAt: null, isBack: false };
      }
    });

    it('sees what other programs put into the folder, and shows it as an orphan', async () => {
      const followed = g.follow(
        ({ type, data }) =>
          type === 'state' &&
          data.files.some(({ name, usedBy }) => name === 'new.png' && usedBy.length === 0),
      );
      await g.follow(({ type }) => type === 'state');
      await fse.writeFile(g.uploads.path('new.png'), png());
      await followed;
    });

    itWith('updates by pipelines')('remembers the latest outcomes for pages that come later', async () => {
      await remove(await g.album('Dunes', 2));
      const { data } = await g.follow(({ type }) => type === 'lines');
      expect((data as { outcome: string }[]).map(({ outcome }) => outcome)).to.deep.equal([
        'removed',
        'removed',
      ]);
    });
  });

  describe('bad input', () => {
    const problem = async (
      sent: Promise<{ status: number; text: string; headers: Headers }>,
    ): Promise<string> => {
      const { status, text, headers } = await sent;
      expect(headers.get('content-type')).to.contain('application/json');
      expect(text, 'one sentence').to.match(/^[^\n]{10,200}$/);
      expect(text).not.to.match(/\bat .*:\d+|Error:|node_modules|\/tmp\//);
      expect(g.log, 'log').to.deep.equal([]);
      return `${String(status)} ${text}`;
    };
    const create = (form: FormData) => problem(g.send('POST', '/api/albums', form));

    it('refuses what is not an image, whatever it calls itself', async () => {
      const disguised = pictureFile('holiday.png', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'));
      expect(await create(formWith([pictureFile(), disguised], { title: 'Dunes' }))).to.match(
        /^415 “holiday.png” is not an image/,
      );
      expect(
        await create(formWith([pictureFile('empty.png', Buffer.alloc(0))], { title: 'Dunes' })),
      ).to.match(/^415/);
      await noTrace();
    });

    it('refuses an image that is too large', async () => {
      const huge = Buffer.concat([png(), Buffer.alloc(5 * 1024 * 1024)]);
      expect(await create(formWith([pictureFile('huge.png', huge)], { title: 'Dunes' }))).to.equal(
        '413 An image may have at most 5 MB.',
      );
      await noTrace();
    });

    it('refuses too many images', async () => {
      expect(await create(formWith(13, { title: 'Dunes' }))).to.match(/^400 Too many images/);
      await noTrace();
    });

    it('makes names of its own, whatever the client calls a file', async () => {
      const names = [
        '../../../escape.png',
        '/etc/escape.png',
        'C:\\escape.png',
        '<img src=x onerror=alert(1)>.png',
      ];
      expect(
        await create(
          formWith(
            names.map((name) => pictureFile(name)),
            { title: 'Dunes' },
          ),
        ),
      ).to.match(/^200/);
      const stored = await g.uploads.names();
      expect(stored).to.have.length(names.length);
      for (const name of stored) expect(name).to.match(/^[a-z]+-[a-z]+-[0-9a-f]{8}\.png$/);
      expect(await fse.readdir(g.uploads.outside)).to.have.length(2);
    });

    it('refuses a name with a control character', async () => {
      expect(await create(formWith([pictureFile('a\u0000.png')], { title: 'Dunes' }))).to.match(/^400/);
      await noTrace();
    });

    it('removes an upload whose document could not be saved', async () => {
      expect(await create(formWith(2, { title: '', avatar: pictureFile() }))).to.equal(
        '400 Give the album a title.',
      );
      await noTrace();
    });

    it('removes an upload for an album that is not there, or full', async () => {
      expect(await problem(g.send('PUT', `/api/albums/${NOBODY}/cover`, formWith(1)))).to.match(/^404/);
      expect(
        await problem(g.send('PUT', `/api/albums/${NOBODY}/avatar`, formWith(0, { avatar: pictureFile() }))),
      ).to.match(/^404/);
      await noTrace();
      const id = await g.album('Dunes', 12);
      expect(await problem(g.send('POST', `/api/albums/${id}/gallery`, formWith(2)))).to.equal(
        '400 An album holds at most 12 images.',
      );
      expect(await g.uploads.names()).to.have.length(12);
    });

    it('wants an image where there is none, and no other fields', async () => {
      const id = await g.album('Dunes', 0);
      for (const [method, field] of [
        ['PUT', 'cover'],
        ['PUT', 'avatar'],
        ['POST', 'gallery'],
      ] as const) {
        expect(await problem(g.send(method, `/api/albums/${id}/${field}`, formWith(0)))).to.equal(
          '400 Choose an image.',
        );
      }
      expect(await create(formWith(0, { title: 'x', other: pictureFile() }))).to.match(/^400/);
      expect(await problem(g.send('POST', '/api/albums', { title: 'x' }))).to.match(
        /^400 Send the images as multipart/,
      );
    });

    it('refuses texts that are too long or no texts', async () => {
      expect(await create(formWith(1, { title: 'x'.repeat(81) }))).to.match(/^400/);
      expect(await create(formWith(1, { title: 'x'.repeat(3000) }))).to.match(/^413/);
      expect(await create(formWith(1, { 'title[$ne]': 'x' }))).to.match(/^400/);
      await noTrace();
    });

    it('survives an upload that breaks off', async () => {
      const { port, hostname } = new URL(g.origin);
      const socket = openSocket(Number(port), hostname);
      socket.write(
        'POST /api/albums HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: 9999\r\n\r\n' +
          '--b\r\nContent-Disposition: form-data; name="images"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n\x89PNG',
      );
      socket.end();
      await once(socket.resume(), 'close');
      await arrivalsGone();
      expect(
        await problem(g.send('POST', '/api/albums', 'no form', { 'Content-Type': 'multipart/form-data' })),
      ).to.match(/^400/);
      await noTrace();
    });

    it('says 404 for an album or image that is not there', async () => {
      const id = await g.album('Dunes', 1);
      const { cover } = await g.find(id);
      expect(await problem(remove(NOBODY))).to.match(/^404 This album does not exist/);
      expect(await problem(remove(NOBODY, 'commit'))).to.match(/^404/);
      expect(await problem(g.send('POST', `/api/albums/${id}/share`, { with: NOBODY }))).to.match(/^404/);
      expect(await problem(g.send('DELETE', `/api/albums/${id}/gallery`, { image: cover }))).to.match(/^404/);
      expect(await problem(g.send('DELETE', '/api/albums', { tag: 'nothing' }))).to.match(/^404/);
      expect(await problem(g.send('GET', '/api/nothing'))).to.match(/^404/);
    });

    it('says 400 for a wrong id or a wrong body', async () => {
      const id = await g.album('Dunes', 1);
      for (const wrong of ['1', 'null', '%00', 'zzzzzzzzzzzzzzzzzzzzzzzz', 'twelve-bytes']) {
        expect(await problem(remove(wrong)), wrong).to.match(/^400/);
      }
      expect(await problem(g.send('DELETE', `/api/albums/%`, { how: 'plain' }))).to.match(/^400/);
      expect(await problem(remove(id, 'maybe'))).to.match(/^400/);
      expect(await problem(g.send('DELETE', `/api/albums/${id}`))).to.match(/^400/);
      expect(await problem(g.send('DELETE', `/api/albums/${id}`, '{"how":'))).to.equal(
        '400 The request is not valid JSON.',
      );
      expect(await problem(g.send('DELETE', '/api/albums', { tag: { $ne: '' } }))).to.match(/^400/);
      expect(await problem(g.send('POST', `/api/albums/${id}/share`, { with: id }))).to.match(/^400/);
      expect(await problem(g.send('DELETE', '/api/albums', { tag: 'x'.repeat(30_000) }))).to.match(/^413/);
      expect(await g.uploads.names()).to.have.length(1);
    });

    it('lets nobody put files of their choice into a document', async () => {
      const id = await g.album('Dunes', 3);
      const { gallery } = await g.find(id);
      for (const images of [
        [gallery[0]],
        [...gallery, '/uploads/other.png'],
        [gallery[0], gallery[0]],
        'x',
        [1],
      ]) {
        expect((await g.send('PUT', `/api/albums/${id}/gallery`, { images })).status).to.be.oneOf([400, 409]);
      }
      expect((await g.find(id)).gallery).to.deep.equal(gallery);
      for (const file of ['../app.ts', '/etc/passwd', '..', '.hidden.png', 'a/b.png']) {
        expect(await problem(g.send('POST', '/api/files/remove-unused', { file })), file).to.match(/^400/);
      }
      expect(await g.uploads.names()).to.have.length(3);
    });

    it('stops at a hundred albums', async () => {
      await g.gallery.Album.insertMany(
        Array.from({ length: 100 }, (_, n) => ({ title: `Album ${String(n)}` })),
      );
      expect(await create(formWith(1, { title: 'One more' }))).to.match(/^409/);
      await noTrace();
    });

    it('refuses forms of other sites', async () => {
      expect(
        await problem(
          g.send('POST', '/api/albums', formWith(1, { title: 'x' }), { Origin: 'https://elsewhere.example' }),
        ),
      ).to.match(/^403/);
      expect(
        (await g.send('POST', '/api/albums', formWith(1, { title: 'x' }), { Origin: g.origin })).status,
      ).to.equal(200);
    });

    it('says 503 without MongoDB, keeps the page alive and takes no upload in', async () => {
      const id = await g.album('Dunes', 1);
      const files = await g.uploads.names();
      await g.gallery.Album.db.close();
      expect(await create(formWith(1, { title: 'Harbour' }))).to.match(
        /^503 The gallery has no connection to its MongoDB/,
      );
      expect(await problem(remove(id))).to.match(/^503/);
      const { data } = await g.follow(({ type }) => type === 'state');
      expect(data).to.deep.include({ albums: null });
      expect(await g.uploads.names()).to.deep.equal(files);
    });
  });

  describe('what is served', () => {
    const get = (address: string) => fetch(g.origin + address);

    it('the page, with headers that let in nothing from elsewhere', async () => {
      const { status, headers } = await get('/');
      expect(status).to.equal(200);
      expect(headers.get('content-security-policy')).to.match(/default-src 'none';script-src 'self'/);
      expect(headers.get('x-content-type-options')).to.equal('nosniff');
      expect(headers.has('x-powered-by')).to.equal(false);
    });

    it('an image, with its type', async () => {
      await g.album('Dunes', 1);
      const [name] = await g.uploads.names();
      const response = await get(`/uploads/${name!}`);
      expect(response.headers.get('content-type')).to.equal('image/png');
      expect(
        Buffer.from(await response.arrayBuffer())
          .subarray(1, 4)
          .toString(),
      ).to.equal('PNG');
    });

    it('no other files, no folders, no links, nothing outside', async () => {
      await fse.outputFile(path.join(g.uploads.outside, 'secret.png'), 'secret');
      await fse.symlink('../secret.png', g.uploads.path('link.png'));
      await fse.outputFile(g.uploads.path('folder.png/inner.png'), 'x');
      await g.uploads.put('notes.txt', 'page.html', 'drawing.svg', '.hidden.png');
      const addresses = [
        'notes.txt',
        'page.html',
        'drawing.svg',
        '.hidden.png',
        'link.png',
        'folder.png',
        'folder.png/inner.png',
        '../secret.png',
        '..%2fsecret.png',
        '..%5csecret.png',
        '%2e%2e/secret.png',
        'a%00.png',
        'none.png',
        '',
      ];
      for (const address of addresses) {
        const response = await get(`/uploads/${address}`);
        expect(response.status, address).to.be.oneOf([400, 404]);
        expect(await response.text(), address).not.to.contain('secret');
      }
      const { data } = await g.follow(({ type }) => type === 'state');
      expect((data as { files: unknown[] }).files).to.deep.equal([]);
    });
  });

  it('ends cleanly: streams end, the arrival folder goes', async () => {
    const ended = (async () => {
      for await (const event of g.events()) void event;
    })();
    await g.follow(({ type }) => type === 'state');
    expect(await g.gallery.close()).to.deep.equal({ givenUp: 0 });
    await ended;
    expect(await fse.readdir(g.uploads.outside)).to.deep.equal(['uploads']);
  });

  it('does not leave a page waiting that comes while it ends', async () => {
    const gate = new EventEmitter();
    const live = new Live(g.uploads.outside, async () => {
      gate.emit('reading');
      await once(gate, 'read');
    });
    const server = express()
      .get('/', (request, response) => live.listen(request, response))
      .listen(0, '127.0.0.1');
    await once(server, 'listening');
    const reading = once(gate, 'reading');
    const answer = fetch(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    await reading;
    live.close();
    gate.emit('read');
    const response = await answer;
    await response.text();
    expect(response.ok).to.equal(false);
    server.closeAllConnections();
    server.close();
  });
});
