import { expect } from 'chai';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { Catalogue, closeCatalogues } from '../support/catalogue.js';
import { folderProvider, untyped } from '../support/usage.js';

const PICTURES = ['p0.png', 'p1.png', 'p2.png'];

/** How an app may have switched the plugin on. */
const SETTINGS: Record<string, (s: TestApp, host: string) => object> = {
  'the one line of the README': () => ({}),
  'every collection above the limit of mentions': () => ({ mentionsUpTo: 1 }),
  'the host of the app among the hosts': (s, host) => ({
    provider: folderProvider(s, '', { hosts: [host] }),
  }),
};

for (const [setting, optionsOf] of Object.entries(SETTINGS)) {
  describe(`an app whose hooks make full URLs of stored names, ${setting}`, () => {
    let s: TestApp;
    let app: Catalogue;
    let id: string;
    beforeEach(async () => {
      s = await testApp();
      app = await Catalogue.open(s.connection, s.uploads, (host) =>
        untyped({ ...s.options, ...optionsOf(s, host) }),
      );
      for (const n of [1, 2]) {
        await app.send('POST', '/products', {
          name: `other ${String(n)}`,
          pictures: [`other-${String(n)}.png`],
        });
      }
      const { body } = await app.send('POST', '/products', {
        name: 'mine',
        image: 'a.png',
        pictures: PICTURES,
      });
      id = body._id;
    });
    afterEach(closeTestApps);
    afterEach(closeCatalogues);

    const lastPart = (value: string): string => value.slice(value.lastIndexOf('/') + 1);

    /** Every file that a document names, however it does, is there. */
    async function expectNothingLost(): Promise<void> {
      await cleanupFor(s.connection).idle();
      const named = (await app.stored()).flatMap(({ image, pictures }) => [
        ...(image ? [image] : []),
        ...pictures,
      ]);
      expect(await s.uploads.names()).to.include.members(named.map(lastPart));
    }

    /** A file that nobody names any more is gone, or an event has said why it is not. */
    async function expectGoneOrTold(file: string): Promise<void> {
      await cleanupFor(s.connection).idle();
      const told = s.events.filter(({ value }) => lastPart(String(value)) === file);
      const isThere = await s.uploads.has(file);
      expect(told.map(({ outcome }) => outcome)).to.include(isThere ? 'kept' : 'removed');
    }

    const edit = async (path: string, body: object): Promise<void> => {
      expect((await app.send('PUT', `/products/${id}${path}`, body)).status).to.equal(200);
      await expectNothingLost();
    };

    it('editing the name loses nothing, as often as it is done', async () => {
      for (const name of ['one', 'two', 'three']) await edit('', { name });
      expect(await s.uploads.names()).to.have.length(6);
    });

    it('changing the password loses nothing, and the page still shows every picture', async () => {
      await edit('/password', { password: 'secret' });
      const { body } = await app.send('GET', `/products/${id}`);
      expect([body.image!, ...body.pictures].map(lastPart)).to.deep.equal(['a.png', ...PICTURES]);
      expect(await s.uploads.names()).to.include.members(['a.png', ...PICTURES]);
    });

    it('replacing the image of a document that was never saved again removes the old one', async () => {
      await edit('/image', { image: 'b.png' });
      expect(await s.uploads.has('a.png')).to.equal(false);
      await expectGoneOrTold('a.png');
    });

    it('replacing one of three pictures removes that one, and the other two stay', async () => {
      await edit('/pictures/1', { picture: 'new.png' });
      expect(await s.uploads.names()).to.include.members(['p0.png', 'p2.png', 'new.png', 'a.png']);
      expect(await s.uploads.has('p1.png')).to.equal(false);
    });

    it('what is replaced after the hooks have stored URLs is gone, or an event says why not', async () => {
      await edit('/password', { password: 'secret' });
      s.events.splice(0);
      await edit('/image', { image: 'b.png' });
      await expectGoneOrTold('a.png');
      await edit('/pictures/1', { picture: 'new.png' });
      await expectGoneOrTold('p1.png');
      await edit('', { name: 'again' });
      expect(await s.uploads.names()).to.include.members(['b.png', 'p0.png', 'p2.png', 'new.png']);
    });

    it('deleting a document that was never saved again removes all its files, and no others', async () => {
      await app.send('DELETE', `/products/${id}`);
      await expectNothingLost();
      expect(await s.uploads.names()).to.deep.equal(['other-1.png', 'other-2.png']);
    });

    it('deleting a document after the hooks have stored URLs: each file is gone, or an event says why not', async () => {
      await edit('/password', { password: 'secret' });
      s.events.splice(0);
      await app.send('DELETE', `/products/${id}`);
      await expectNothingLost();
      for (const file of ['a.png', ...PICTURES]) await expectGoneOrTold(file);
    });

    it('a picture that two documents share survives the edits and the end of one of them', async () => {
      await app.model.collection.updateOne({ name: 'other 1' }, { $set: { pictures: ['p0.png'] } });
      await edit('/password', { password: 'secret' });
      await app.send('DELETE', `/products/${id}`);
      await expectNothingLost();
      expect(await s.uploads.has('p0.png')).to.equal(true);
    });

    it('requests at once lose nothing, though some of them fail', async () => {
      await Promise.all([
        app.send('PUT', `/products/${id}`, { name: 'x' }),
        app.send('PUT', `/products/${id}/password`, { password: 'y' }),
        app.send('PUT', `/products/${id}/password`, { password: 'z' }),
      ]);
      await expectNothingLost();
      expect(await s.uploads.names()).to.have.length(6);
    });
  });
}
