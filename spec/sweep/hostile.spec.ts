import { expect } from 'chai';
import fse from 'fs-extra';
import promises from 'node:fs/promises';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { localProvider } from '../../lib/index.js';
import { sweep, type SweepOptions, type SweepReport } from '../../lib/sweep/index.js';

describe('a sweep of a folder', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String });
    await s.uploads.put('1.png', '2.png', 'd/3.png', 'd/4.png', 'left.png');
    await Album.create(['1.png', '2.png', 'd/3.png', 'd/4.png'].map((image) => ({ image })));
  });
  afterEach(closeTestApps);

  const remove = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, remove: true, ...options });
  const link = (target: string, name: string): Promise<void> => fse.symlink(target, s.uploads.path(name));

  it('never follows symbolic links: out of it, in circles, to nowhere', async () => {
    await fse.outputFile(`${s.uploads.outside}/secret/a.png`, 'a');
    await link(`${s.uploads.outside}/secret`, 'out');
    await link(`${s.uploads.outside}/secret/a.png`, 'out.png');
    await link('.', 'circle');
    await link('nowhere', 'dangling.png');
    const report = await remove();
    expect(report.counts).to.include({ listed: 5, removed: 1 });
    expect(await fse.pathExists(`${s.uploads.outside}/secret/a.png`)).to.equal(true);
    expect((await fse.readdir(s.uploads.root)).sort()).to.deep.equal(
      ['1.png', '2.png', 'circle', 'd', 'dangling.png', 'out', 'out.png'].sort(),
    );
  });

  it('keeps what a document uses through a symbolic link', async () => {
    await s.uploads.put('2024/a.png', '2024/b.png', '2024/left.png');
    await link('2024', 'latest');
    await link('2024/b.png', 'current.png');
    await Album.create([{ image: '/uploads/latest/a.png' }, { image: 'current.png' }]);
    const report = await remove();
    expect(report.files.map(({ name }) => name).sort()).to.deep.equal(['2024/left.png', 'left.png']);
    expect((await s.uploads.names()).filter((name) => name.startsWith('2024'))).to.deep.equal([
      '2024/a.png',
      '2024/b.png',
    ]);
  });

  it('removes names with newlines, quotes and blanks, one by one', async () => {
    const names = [
      'new\nline.png',
      '"quoted\'.png',
      ' .png',
      '-rf',
      '*',
      'a/b..c/d.png',
      '$(ls).png',
      '%2e%2e.png',
    ];
    await s.uploads.put(...names);
    const used = Array.from({ length: 8 }, (_, i) => `used${String(i)}.png`);
    await s.uploads.put(...used);
    await Album.create(used.map((image) => ({ image })));
    const report = await remove({ allow: ['foreign-kind:none', 'unused-folder:a'] });
    expect(report.files.map(({ name }) => name)).to.have.members([...names, 'left.png']);
    expect(report.counts).to.include({ removed: 9, failed: 0 });
    expect((await s.uploads.names()).length).to.equal(12);
  });

  it('leaves dot files and dot folders alone unless asked for', async () => {
    await s.uploads.put('.gitkeep', '.DS_Store', '.cache/a.png', 'd/.gitkeep');
    expect((await remove()).counts).to.include({ listed: 5, removed: 1 });
    expect(await s.uploads.names()).to.include.members(['.gitkeep', '.cache/a.png', 'd/.gitkeep']);
    const allow = ['foreign-kind:none', 'unused-folder:.cache'] as const;
    expect((await remove({ dotFiles: true, maxShare: 1, allow })).counts.removed).to.equal(4);
  });

  it('refuses when a folder in it cannot be read', async () => {
    await s.uploads.put('locked/used.png');
    await breakFolder('locked', { code: 'EACCES' });
    const report = await remove();
    expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['broken-listing']);
    expect(report.refusals[0]?.message).to.include('EACCES');
    expect(await s.uploads.has('left.png')).to.equal(true);
  });

  it('refuses when it is not there, and when a folder goes half-way', async () => {
    await s.uploads.put('z/a.png');
    await breakFolder('z', 'removed');
    expect((await remove()).refusals.map(({ reason }) => reason)).to.deep.equal(['broken-listing']);
    await fse.remove(s.uploads.root);
    const report = await remove();
    expect(report.refusals.map(({ reason }) => reason)).to.deep.equal(['broken-listing']);
  });

  it('does not mind files that go while it looks', async () => {
    const report = await remove({
      onProgress: ({ stage }) => {
        if (stage === 'references') fse.removeSync(s.uploads.path('left.png'));
      },
    });
    expect(report.status).to.equal('clean');
    expect(report.counts.gone).to.equal(1);
  });

  it('keeps a file that is written anew under the name of an orphan', async () => {
    const report = await remove({
      onProgress: ({ stage }) => {
        if (stage !== 'orphans') return;
        fse.writeFileSync(s.uploads.path('left.png'), 'new');
        fse.utimesSync(s.uploads.path('left.png'), new Date(), new Date(Date.now() + 60_000));
      },
    });
    expect(report.files[0]).to.include({ outcome: 'kept', reason: 'changed' });
    expect(await s.uploads.has('left.png')).to.equal(true);
  });

  it('refuses a prefix that leads out of it', async () => {
    await fse.outputFile(`${s.uploads.outside}/other/a.png`, 'a');
    for (const prefix of ['../other', 'd/../../other', s.uploads.outside]) {
      const report = await remove({ prefix });
      expect(
        report.refusals.map(({ reason }) => reason),
        prefix,
      ).to.deep.equal(['broken-listing']);
    }
    expect(await fse.pathExists(`${s.uploads.outside}/other/a.png`)).to.equal(true);
  });

  it('lists a folder once that two models name by different paths, and keeps what either uses', async () => {
    await link('.', 'self');
    const other = `${s.uploads.outside}/other-name`;
    await fse.symlink(s.uploads.root, other);
    const Twin = s.model(
      'Twin',
      { image: String },
      { provider: localProvider({ root: other, baseUrl: '/twin' }) },
    );
    await s.uploads.put('twin.png', 'e/twin2.png');
    await Twin.create([{ image: `${other}/twin.png` }, { image: '/twin/e/twin2.png' }]);
    const report = await remove({ models: [Album, Twin] });
    expect(report.storages).to.have.length(1);
    expect(report.files.map(({ name }) => name)).to.deep.equal(['left.png']);
  });

  /** The next listing finds this folder broken. Root may read everything, so a mode of 0 would prove nothing. */
  async function breakFolder(name: string, how: { code: string } | 'removed'): Promise<void> {
    const opendir = promises.opendir.bind(promises);
    promises.opendir = (async (...args: Parameters<typeof opendir>) => {
      if (args[0] !== s.uploads.path(name)) return opendir(...args);
      promises.opendir = opendir;
      if (how !== 'removed') throw Object.assign(new Error(`${how.code}: permission denied`), how);
      await fse.remove(s.uploads.path(name));
      return opendir(...args);
    }) as typeof opendir;
  }
});
