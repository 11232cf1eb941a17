import { expect } from 'chai';
import fse from 'fs-extra';
import { cleanupFor, localProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { insertRaw } from '../support/usage.js';

const definition = { image: { type: String, index: true } };

describe('a storage that is not what the documents mean', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  async function drop(Album: AnyDocumentModel, ...images: string[]): Promise<void> {
    await insertRaw(Album, ...images.map((image) => ({ image })));
    for (const image of images) await Album.deleteOne({ image });
    await cleanupFor(Album).idle();
  }

  async function album(options: object = {}): Promise<AnyDocumentModel> {
    const Album = s.model('Album', definition, options);
    await Album.init();
    return Album;
  }

  const lines = (part: string): string[] => s.log.filter((line) => line.includes(part));

  it('nothing of the first 3 files is there: told once, with the folder', async () => {
    const Album = await album();
    await drop(Album, '1.png', '2.png');
    expect(lines('none of the first')).to.deep.equal([]);
    await drop(Album, '3.png', '4.png', '5.png', '6.png');
    expect(lines('none of the first 3 files')).to.have.length(1);
    expect(lines('none of the first')[0]).to.include(s.uploads.root);
  });

  it('a file that was found once means that the folder is right', async () => {
    const Album = await album();
    await s.uploads.put('1.png');
    await drop(Album, '1.png', '2.png', '3.png', '4.png', '5.png');
    expect(lines('was not there any more')).to.have.length(4);
    expect(lines('none of the first')).to.deep.equal([]);
  });

  it('a root that does not exist is named as the cause; no file is called missing', async () => {
    const root = s.uploads.path('elsewhere');
    const Album = await album({ provider: localProvider({ root }), retry: { attempts: 1 } });
    await drop(Album, '1.png');
    expect(lines('was not there any more')).to.deep.equal([]);
    expect(lines(`the folder '${root}' does not exist`)).to.have.length(1);
    expect(s.events.map(({ outcome }) => outcome)).to.deep.equal(['failed']);
    expect(await fse.pathExists(root)).to.equal(false);
  });

  for (const [what, answer, told] of [
    ['a promise', () => Promise.resolve(true), 'a promise'],
    ['nothing', () => undefined, 'undefined'],
    ['a text', () => 'yes', 'yes'],
    ['a number', () => 1, '1'],
  ] as const) {
    it(`enabled that answers with ${what} counts as off, and model and answer are named`, async () => {
      const Album = await album({ enabled: answer });
      await s.uploads.put('1.png');
      await drop(Album, '1.png');
      expect(await s.uploads.has('1.png')).to.equal(true);
      expect(lines('enabled')[0]).to.include(`the option "enabled" of "Album" returned ${told} instead of`);
    });
  }
});
