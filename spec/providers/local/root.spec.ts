import { expect } from 'chai';
import fse from 'fs-extra';
import { localProvider, type StorageProvider } from '../../../lib/index.js';
import { keyOf, nameIn } from '../../../lib/providers/local/root.js';
import { Uploads } from '../../support/uploads.js';
import { describeIf } from '../../support/versions.js';

// links need a permission on Windows
describeIf(process.platform !== 'win32')('the keys of local assets', () => {
  let uploads: Uploads;
  const { signal } = new AbortController();
  const remove = async (provider: StorageProvider, value: string) =>
    (await provider.remove([provider.identify(value)!], { signal }))[0];
  beforeEach(async () => {
    uploads = await Uploads.create();
  });
  afterEach(async () => {
    await uploads.destroy();
  });

  it('are equal through every path that leads to the folder, and from a folder around it', async () => {
    await uploads.put('admin/a.png');
    const link = `${uploads.outside}/link`;
    await fse.symlink(uploads.path('admin'), link);
    const values: [root: string, value: string][] = [
      [uploads.root, 'admin/a.png'],
      [uploads.path('admin'), 'a.png'],
      [link, 'a.png'],
      [link, `${link}/a.png`],
      [link, uploads.path('admin/a.png')],
    ];
    for (const [root, value] of values) {
      const provider = localProvider({ root });
      const asset = provider.identify(value)!;
      expect(asset.key, value).to.equal(uploads.path('admin/a.png'));
      expect(provider.forms(asset).equal, value).to.include(value);
      expect(await provider.find!(asset), value).to.deep.include({ asset });
    }
    expect(
      localProvider({ root: link }).nameOf!({ provider: 'local', key: uploads.path('admin/a.png') }),
    ).to.equal('a.png');
    expect(localProvider({ root: link }).storage).to.equal(uploads.path('admin'));
  });

  it('are the same before the folder is there, where a link leads to its place', async () => {
    const link = `${uploads.outside}/link`;
    await fse.symlink(uploads.root, link);
    const provider = localProvider({ root: `${link}/later/on` });
    const before = provider.identify('a.png');
    expect(before!.key).to.equal(uploads.path('later/on/a.png'));
    await uploads.put('later/on/a.png');
    expect(provider.identify('a.png')).to.deep.equal(before);
    expect(await remove(provider, 'a.png')).to.deep.equal({ outcome: 'removed' });
  });

  it('a file that is reached through a link inside the folder is kept: it has another name', async () => {
    await uploads.put('real/a.png');
    await fse.symlink(uploads.path('real'), uploads.path('link'));
    const provider = localProvider({ root: uploads.root });
    expect(await remove(provider, 'link/a.png')).to.deep.equal({ outcome: 'kept', reason: 'unsafe' });
    expect(await uploads.names()).to.include('real/a.png');
    expect(await remove(provider, 'real/a.png')).to.deep.equal({ outcome: 'removed' });
  });

  it('a root that leads to another folder by now keeps everything', async () => {
    const link = `${uploads.outside}/current`;
    await uploads.put('one/a.png', 'two/a.png');
    await fse.symlink(uploads.path('one'), link);
    const provider = localProvider({ root: link });
    provider.identify('a.png');
    await fse.remove(link);
    await fse.symlink(uploads.path('two'), link);
    expect(await remove(provider, 'a.png')).to.deep.equal({ outcome: 'kept', reason: 'unsafe' });
    expect(await uploads.names()).to.deep.equal(['one/a.png', 'two/a.png']);
  });

  it('outside of the folder have no forms, no name of their own and no file to remove', async () => {
    await uploads.put('a.png');
    await fse.outputFile(`${uploads.outside}/secret.txt`, 'secret');
    const provider = localProvider({ root: uploads.root });
    for (const key of [
      ...[`${uploads.outside}/secret.txt`, `${uploads.root}/../secret.txt`, `${uploads.root}-old/a.png`],
      ...[
        '',
        '/',
        'a.png',
        uploads.root,
        `${uploads.root}/`,
        'demo/image/upload/a',
        `${uploads.root}/a\0.png`,
      ],
    ]) {
      const asset = { provider: 'local', key };
      expect(provider.forms(asset), key).to.deep.equal({ equal: [] });
      expect(await provider.remove([asset], { signal }), key).to.not.deep.include({ outcome: 'removed' });
    }
    expect(await fse.pathExists(`${uploads.outside}/secret.txt`)).to.equal(true);
  });

  it('forms go by the key, whichever provider of this kind found it', () => {
    const provider = localProvider({ root: uploads.root });
    const asset = { provider: 'covers', key: uploads.path('a.png') };
    expect(provider.forms(asset).equal).to.include('a.png');
  });

  it('on Windows have backslashes throughout', () => {
    const outer = { realRoot: 'C:\\app\\uploads', isWindows: true };
    const inner = { realRoot: 'C:\\app\\uploads\\admin', isWindows: true };
    expect(keyOf('admin/a.png', outer)).to.equal(keyOf('a.png', inner));
    expect(nameIn('C:\\app\\uploads\\admin\\a.png', outer)).to.equal('admin/a.png');
    expect(nameIn('C:\\app\\uploads\\b.png', inner)).to.equal(null);
  });
});
