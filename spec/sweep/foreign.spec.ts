import { expect } from 'chai';
import { localProvider } from '../../lib/index.js';
import { sweep, type Refusal, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { CloudinaryServer, providerFor } from '../support/cloudinary/index.js';

describe('a sweep takes uploads only', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String });
    await use('1.png', '2.png', '3.png', '4.png');
  });
  afterEach(closeTestApps);

  /** Files that documents use. */
  async function use(...files: string[]): Promise<void> {
    await s.uploads.put(...files);
    await Album.collection.insertMany(files.map((image) => ({ image })));
  }
  const remove = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, remove: true, ...options });
  /** Refused for this alone, and nothing gone. */
  const expectRefused = async (
    report: SweepReport,
    ...expected: [reason: string, name: string, files: number][]
  ): Promise<readonly Refusal[]> => {
    expect(report.refusals.map(({ reason, name, files }) => [reason, name, files])).to.deep.equal(expected);
    expect(report.status).to.equal('refused');
    expect(report.counts.removed).to.equal(0);
    expect(await s.uploads.names()).to.have.length(report.counts.listed);
    return report.refusals;
  };

  describe('and refuses kinds of files that no stored value has', () => {
    it('each by name and count, with the flags for just that', async () => {
      await s.uploads.put('index.html', 'help.html', 'data.json', 'left.png');
      const refusals = await expectRefused(
        await remove(),
        ['foreign-kind', '.html', 2],
        ['foreign-kind', '.json', 1],
      );
      expect(refusals[0]!.message).to.match(/^2 unused files have the extension \.html/);
      expect(refusals[0]!.message).to.match(/(index|help)\.html/);
      expect(refusals.map(({ override }) => override)).to.deep.equal([
        "--exclude '**/*.html' to keep them, or --allow foreign-kind:.html to remove them",
        "--exclude '**/*.json' to keep them, or --allow foreign-kind:.json to remove them",
      ]);
    });

    it('in a dry run as well', async () => {
      await s.uploads.put('index.html');
      await expectRefused(await remove({ remove: false }), ['foreign-kind', '.html', 1]);
    });

    it('until that kind is allowed or excluded; one allowed kind allows no other', async () => {
      await s.uploads.put('index.html', 'data.json', 'left.png');
      await expectRefused(await remove({ allow: ['foreign-kind:.html'] }), ['foreign-kind', '.json', 1]);
      await expectRefused(await remove({ exclude: ['**/*.html'] }), ['foreign-kind', '.json', 1]);
      const report = await remove({ allow: ['foreign-kind:.html'], exclude: ['**/*.json'] });
      expect(report.files.map(({ name }) => name)).to.have.members(['index.html', 'left.png']);
      expect(report.notes.join()).to.match(/1 of the orphans.*foreign-kind/);
      expect(await s.uploads.has('data.json')).to.equal(true);
    });

    it('not those that differ in case alone, nor those of which a document stores a missing file', async () => {
      await Album.collection.insertMany([{ image: 'lost.webp' }, { image: 'see a.html' }]);
      await s.uploads.put('left.PNG', 'left.webp');
      expect((await remove()).counts.removed).to.equal(2);
      await s.uploads.put('other.html');
      await expectRefused(await remove(), ['foreign-kind', '.html', 1]);
    });

    it('with a pattern for each way in which the extension is written', async () => {
      await s.uploads.put('a.html', 'b.HTML');
      const [refusal] = await expectRefused(await remove(), ['foreign-kind', '.html', 2]);
      expect(refusal!.override).to.match(
        /--exclude '\*\*\/\*\.(html|HTML)' --exclude '\*\*\/\*\.(html|HTML)' /,
      );
      expect((await remove({ exclude: ['**/*.html', '**/*.HTML'] })).status).to.equal('clean');
      expect((await remove({ allow: ['foreign-kind:.HTML'] })).counts.removed).to.equal(2);
    });

    it('files without an extension among them, unless documents store such names as those of multer', async () => {
      await s.uploads.put('README', 'backup.png~', 'report.2024');
      const [refusal] = await expectRefused(await remove(), ['foreign-kind', 'none', 3]);
      expect(refusal!.override).to.include('--exclude README').and.to.include('--allow foreign-kind:none');
      await use('0f3a9c', '1b2c3d');
      expect((await remove()).counts.removed).to.equal(3);
      await s.uploads.put('index.html');
      await expectRefused(await remove(), ['foreign-kind', '.html', 1]);
    });

    it('not in Cloudinary, where ids have no extension', async () => {
      const server = await new CloudinaryServer().start();
      try {
        const Cloud = s.model('Cloud', { image: String }, { provider: providerFor(server) });
        for (const id of ['app/a', 'app/b', 'app/c', 'app/www.site.com'])
          server.store.put('image', 'upload', id);
        await Cloud.collection.insertMany([{ image: 'app/a' }, { image: 'app/b' }, { image: 'app/c' }]);
        const report = await remove({ models: [Cloud] });
        expect(report.refusals).to.deep.equal([]);
        expect(report.counts.removed).to.equal(1);
      } finally {
        await server.stop();
      }
    });
  });

  describe('and refuses folders of which no file is used', () => {
    it('each by name and count, with the flags for just that', async () => {
      await s.uploads.put('thumbs/1.jpg.png', 'thumbs/2.jpg.png', 'my site/a/b.png');
      const refusals = await expectRefused(
        await remove(),
        ['unused-folder', 'thumbs', 2],
        ['unused-folder', 'my site', 1],
      );
      expect(refusals[0]!.message).to.match(/^2 unused files lie in thumbs\/, where no file is used/);
      expect(refusals.map(({ override }) => override)).to.deep.equal([
        "--exclude 'thumbs/**' to keep them, or --allow unused-folder:thumbs to remove them",
        "--exclude 'my site/**' to keep them, or --allow 'unused-folder:my site' to remove them",
      ]);
    });

    it('until that folder is allowed or excluded; one allowed folder allows no other', async () => {
      await s.uploads.put('thumbs/a.png', 'thumbs2/a2.png', 'old/x/a3.png', 'old/y/a4.png');
      const rest = ['unused-folder', 'thumbs2', 1] as [string, string, number];
      await expectRefused(
        await remove({ allow: ['unused-folder:thumbs'] }),
        ['unused-folder', 'old', 2],
        rest,
      );
      // a folder in it is allowed, not the folder
      await expectRefused(
        await remove({ allow: ['unused-folder:thumbs', 'unused-folder:old/x'] }),
        ['unused-folder', 'old', 1],
        rest,
      );
      const report = await remove({
        allow: ['unused-folder:thumbs/', 'unused-folder:old'],
        exclude: ['thumbs2'],
      });
      expect(report.counts).to.include({ removed: 3, excluded: 1 });
    });

    it('the topmost one, also within a folder that is used, and not the root', async () => {
      await use('2024/a/1a.png', '2024/b/1b.png');
      await s.uploads.put('2024/old/x/1.gif.png', '2024/old/y/2.gif.png', '2024/a/left.png', 'left.png');
      await expectRefused(await remove(), ['unused-folder', '2024/old', 2]);
      const report = await remove({ allow: ['unused-folder:2024/old'] });
      expect(report.counts.removed).to.equal(4);
    });

    it('not one in which all is young, excluded, protected or used by a function', async () => {
      const provider = localProvider({ root: s.uploads.root });
      const Ruled = s.model(
        'Ruled',
        { image: String },
        {
          provider,
          keep: ['ruled/a.png'],
          references: [(assets) => assets.map(({ key }) => key.endsWith('known/b.png'))],
        },
      );
      await s.uploads.put('ruled/a.png', 'excluded/c.png', 'known/b.png', 'known/left.png');
      const report = await remove({ models: [Album, Ruled], exclude: ['excluded/**'] });
      expect(report.refusals).to.deep.equal([]);
      expect(report.files.map(({ name }) => name)).to.deep.equal(['known/left.png']);
      await s.uploads.put('young/a.png');
      expect((await remove({ models: [Album, Ruled], olderThan: '1h' })).status).to.equal('clean');
    });

    it('one with a pattern in its name as itself alone', async () => {
      await s.uploads.put('*/a.png', 'thumbs/b.png');
      const refusals = await expectRefused(
        await remove(),
        ['unused-folder', '*', 1],
        ['unused-folder', 'thumbs', 1],
      );
      expect(refusals[0]!.override).to.include("--allow 'unused-folder:\\*'");
      await expectRefused(await remove({ allow: ['unused-folder:\\*'] }), ['unused-folder', 'thumbs', 1]);
      await expectRefused(await remove({ exclude: ['\\*/**'] }), ['unused-folder', 'thumbs', 1]);
    });

    it('many at once by a pattern, where each document has a folder', async () => {
      await use('users/1/a.png', 'users/2/b.png');
      await s.uploads.put('users/3/c.png', 'users/4/d.png', 'thumbs/e.png');
      await expectRefused(await remove({ allow: ['unused-folder:users/*'] }), ['unused-folder', 'thumbs', 1]);
    });

    it('those of each storage by itself', async () => {
      const other = `${s.uploads.outside}/other`;
      const Other = s.model(
        'Other',
        { image: String },
        { provider: localProvider({ root: other, baseUrl: '/other' }) },
      );
      await s.uploads.put('../other/thumbs/used.png', '../other/left.png', 'thumbs/left2.png');
      await Other.collection.insertOne({ image: 'thumbs/used.png' });
      const report = await remove({ models: [Album, Other] });
      expect(report.refusals.map(({ reason, name }) => [reason, name])).to.deep.equal([
        ['unused-folder', 'thumbs'],
      ]);
      expect(
        (await remove({ models: [Album, Other], allow: ['unused-folder:thumbs'] })).counts.removed,
      ).to.equal(2);
    });
  });

  it('names what is no upload before it offers another override, and counts the rest alone', async () => {
    await s.uploads.put(
      'index.html',
      ...Array.from({ length: 6 }, (_, i) => `thumbs/${String(i)}.thumb.png`),
    );
    await expectRefused(await remove(), ['foreign-kind', '.html', 1], ['unused-folder', 'thumbs', 6]);
    await s.uploads.put(...Array.from({ length: 12 }, (_, i) => `left${String(i)}.png`));
    expect(
      (await remove()).refusals.map(({ reason, override }) => [reason, override.split(' ')[0]]),
    ).to.deep.equal([
      ['foreign-kind', '--exclude'],
      ['unused-folder', '--exclude'],
      ['max-share', '--max-share'],
    ]);
  });

  it('refuses a storage of which nothing is used as a whole, also beside one that is used', async () => {
    const provider = localProvider({ root: `${s.uploads.outside}/other`, baseUrl: '/other' });
    const Other = s.model('Other', { image: String }, { provider });
    await s.uploads.put('../other/index.html', '../other/thumbs/a.png');
    const report = await remove({ models: [Album, Other] });
    expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['no-references']);
    expect(report.refusals[0]!.message).to.include('/other');
    expect((await remove({ models: [Album, Other], allow: ['no-references'] })).counts.removed).to.equal(2);
    await s.uploads.put('index.html', '../other/left.png');
    const both = await remove({ models: [Album, Other] });
    expect(both.refusals.map(({ reason }) => reason)).to.deep.equal(['foreign-kind', 'no-references']);
  });

  it('tells a thousand folders apart, and counts the files of further ones together', async () => {
    await s.uploads.put(...Array.from({ length: 1003 }, (_, i) => `f${String(i)}/${String(i)}.x.png`));
    const { refusals } = await remove();
    expect(refusals).to.have.length(1001);
    expect(refusals.at(-1)).to.include({ reason: 'unused-folder', files: 3 });
    expect((await remove({ allow: ['unused-folder:f*'], maxShare: 1 })).counts.removed).to.equal(1003);
  });

  it('and says what is wrong with an entry of "allow"', async () => {
    const wrong: [string, RegExp][] = [
      ['unused-folder', /names no folder and no kind.*unused-folder:thumbs/],
      ['unused-folder:/', /names no folder/],
      ['foreign-kind:', /names no extension/],
      ['foreign-kind:html', /'foreign-kind:html'.*with its dot/],
      ['max-share', /'max-share' is unknown.*no-references/],
    ];
    for (const [one, message] of wrong) {
      const thrown = await remove({ allow: [one as 'no-references'] }).catch((error: unknown) => error);
      expect(thrown).to.be.instanceOf(TypeError);
      expect((thrown as TypeError).message).to.match(message);
    }
  });
});
