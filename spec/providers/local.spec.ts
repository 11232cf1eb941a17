import { expect } from 'chai';
import fse from 'fs-extra';
import { localProvider, type StorageProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { Uploads } from '../support/uploads.js';
import { hasBulkWriteHooks, itIf } from '../support/versions.js';

const LONG = 'x'.repeat(10_000);

/** What becomes of each stored value; the file that leaves, if any, stands behind the outcome. */
const vectors: [value: string, outcome: string, gone?: string][] = [
  ['a.png', 'removed', 'a.png'],
  ['sub/b.png', 'removed', 'sub/b.png'],
  ['./a.png', 'removed', 'a.png'],
  ['sub\\b.png', 'removed', 'sub/b.png'],
  ['sub/../a.png', 'kept (not canonical)'],
  ['/a.png', 'kept (not ours)'],
  ['//a.png', 'kept (not ours)'],
  ['/uploads/a.png', 'removed', 'a.png'],
  ['/uploads/sub/b.png?width=3#top', 'removed', 'sub/b.png'],
  ['../secret.txt', 'kept (unsafe)'],
  ['sub/../../secret.txt', 'kept (unsafe)'],
  ['/uploads/../secret.txt', 'kept (unsafe)'],
  ['..', 'kept (unsafe)'],
  ['.', 'kept (unsafe)'],
  ['./', 'kept (unsafe)'],
  ['/', 'kept (not ours)'],
  ['/uploads', 'kept (unsafe)'],
  ['/uploads/', 'kept (unsafe)'],
  ['../uploads-private/s.png', 'kept (unsafe)'],
  ['sub', 'kept (unsafe)'],
  ['sub/', 'kept (not canonical)'],
  ['empty', 'kept (unsafe)'],
  ['link-dir/s.png', 'kept (unsafe)'],
  ['link-inside/b.png', 'kept (unsafe)'],
  ['link-file.png', 'kept (unsafe)'],
  ['dangling.png', 'kept (unsafe)'],
  ['..\\secret.txt', 'kept (unsafe)'],
  ['C:\\Windows\\win.ini', 'kept (unsafe)'],
  ['C:a.png', 'kept (unsafe)'],
  ['\\\\host\\share\\x', 'kept (not ours)'],
  ['a.png\0.jpg', 'kept (unsafe)'],
  ['a.png\n', 'kept (not canonical)'],
  ['%2e%2e/secret.txt', 'missing'],
  ['..%2fsecret.txt', 'missing'],
  ['%252e%252e/secret.txt', 'missing'],
  ['/uploads/%2e%2e/secret.txt', 'kept (unsafe)'],
  ['/uploads/..%2fsecret.txt', 'kept (unsafe)'],
  ['/uploads/..%5csecret.txt', 'kept (not canonical)'],
  ['/uploads/%252e%252e/secret.txt', 'missing'],
  ['/uploads/a%00.png', 'kept (unsafe)'],
  ['a.png/', 'kept (not canonical)'],
  ['a.png/x', 'missing'],
  ['a.png?x=1', 'removed', 'a.png'],
  ['.//a.png', 'kept (not canonical)'],
  ['sub/./b.png', 'kept (not canonical)'],
  ['sub//b.png', 'kept (not canonical)'],
  ['/uploads//a.png', 'removed', 'a.png'],
  ['/uploads/%61.png', 'kept (not canonical)'],
  ['file:///etc/passwd', 'kept (not ours)'],
  ['https://other.example/uploads/a.png', 'kept (not ours)'],
  ['https://img.example/uploads/a.png', 'removed', 'a.png'],
  ['http://img.example/uploads/sub/b.png?v=1', 'removed', 'sub/b.png'],
  ['https://img.example@other.example/uploads/a.png', 'kept (not ours)'],
  ['https://img.example/private/a.png', 'kept (not ours)'],
  ['https://img.example', 'kept (not ours)'],
  ['data:image/png;base64,AAAA', 'kept (not ours)'],
  ['javascript:alert(1)', 'kept (not ours)'],
  ['blob:https://img.example/uploads/a.png', 'kept (not ours)'],
  ['~/x', 'missing'],
  ['cafe\u0301.png', 'missing'],
  ['caf\u00e9.png', 'removed', 'caf\u00e9.png'],
  ['with space.png', 'removed', 'with space.png'],
  ['/uploads/with%20space.png', 'removed', 'with space.png'],
  ['100%.png', 'removed', '100%.png'],
  ['/uploads/100%25.png', 'removed', '100%.png'],
  ['/uploads/100%.png', 'removed', '100%.png'],
  ['A.PNG', 'missing'],
  ['/etc/passwd', 'kept (not ours)'],
  ['/static/a.png', 'kept (not ours)'],
  ['../../../../../../etc/passwd', 'kept (unsafe)'],
  ['x'.repeat(300), 'kept (not ours)'],
  [LONG, 'kept (not ours)'],
];

describe('the local provider', () => {
  let s: TestApp;
  let provider: StorageProvider;
  let outside: Record<string, string>;
  beforeEach(async () => {
    s = await testApp();
    provider = localProvider({ root: s.uploads.root, hosts: ['IMG.example'] });
    await s.uploads.put('a.png', 'sub/b.png', 'caf\u00e9.png', 'with space.png', '100%.png', 'z.png');
    const path = (name: string): string => `${s.uploads.outside}/${name}`;
    outside = {
      [path('secret.txt')]: 'secret',
      [path('uploads-private/s.png')]: 's',
      [path('outside/s.png')]: 's',
    };
    for (const [file, content] of Object.entries(outside)) await fse.outputFile(file, content);
    await fse.ensureDir(s.uploads.path('empty'));
    await fse.symlink(path('outside'), s.uploads.path('link-dir'));
    await fse.symlink(s.uploads.path('sub'), s.uploads.path('link-inside'));
    await fse.symlink(path('secret.txt'), s.uploads.path('link-file.png'));
    await fse.symlink(path('nowhere'), s.uploads.path('dangling.png'));
  });
  afterEach(closeTestApps);

  for (const [value, expected, gone] of vectors) {
    const shown = JSON.stringify(
      value.length > 60 ? `${value.slice(0, 5)}… (${String(value.length)})` : value,
    );
    it(`${shown}: ${expected}`, async () => {
      const Album = s.model('Album', { image: String }, { provider });
      await Album.collection.insertOne({ image: value });
      const before = await s.uploads.names();
      expect(await Album.deleteMany()).to.include({ deletedCount: 1 });
      const after = await s.uploads.names();
      expect(before.filter((name) => !after.includes(name))).to.deep.equal(gone === undefined ? [] : [gone]);
      const told = s.events.map(({ outcome, reason }) => (reason ? `${outcome} (${reason})` : outcome));
      expect(told).to.deep.equal([expected]);
      for (const [file, content] of Object.entries(outside)) {
        expect(await fse.readFile(file, 'utf8')).to.equal(content);
      }
      expect(await fse.pathExists(s.uploads.path('empty'))).to.equal(true);
      expect((await fse.lstat(s.uploads.path('link-file.png'))).isSymbolicLink()).to.equal(true);
    });
  }

  it('an absolute path below the root is removed, one outside is not', async () => {
    const Album = s.model('Album', { gallery: [String] }, { fields: ['gallery'], provider });
    const secret = `${s.uploads.outside}/secret.txt`;
    await Album.create({ gallery: [s.uploads.path('a.png'), secret, `${s.uploads.root}/../secret.txt`] });
    await Album.deleteMany();
    expect(await s.uploads.has('a.png')).to.equal(false);
    expect(await fse.pathExists(secret)).to.equal(true);
    // an absolute path elsewhere looks like the address of another app; one that climbs out of the root is an attack
    expect(s.events.map(({ reason }) => reason)).to.have.members([undefined, 'not ours', 'unsafe']);
  });

  it('a value that two stored files could be meant by removes neither', async () => {
    const names = ['a%20b.png', 'a b.png', 'c#d.png', 'c'];
    await s.uploads.put(...names);
    const Album = s.model('Album', { image: String }, { provider });
    await Album.create([{ image: 'a%20b.png' }, { image: '/uploads/c#d.png' }]);
    await Album.deleteMany();
    expect(await s.uploads.names()).to.include.members(names);
    expect(await s.outcomes()).to.deep.equal([
      'kept /uploads/c#d.png (ambiguous)',
      'kept a%20b.png (ambiguous)',
    ]);
  });

  it('removes exactly the file with a special name', async () => {
    const names = [
      'ü ß.png',
      'a%20b.png',
      'a b.png',
      'a+b.png',
      "it's.png",
      '(1).png',
      '日本.png',
      'a#b.png',
      'a?b.png',
    ];
    const Album = s.model('Album', { image: String }, { provider });
    for (const name of names) {
      await s.uploads.put(name);
      await Album.create({ image: name });
      const before = await s.uploads.names();
      await Album.deleteMany();
      const after = await s.uploads.names();
      expect(before.filter((one) => !after.includes(one))).to.deep.equal([name]);
    }
  });

  it('a root reached through a symbolic link works like the folder itself', async () => {
    const link = `${s.uploads.outside}/current`;
    await fse.symlink(s.uploads.root, link);
    const Album = s.model('Album', { image: String }, { provider: localProvider({ root: link }) });
    await Album.create([{ image: 'a.png' }, { image: 'link-dir/s.png' }]);
    await Album.deleteMany();
    expect(await s.outcomes()).to.deep.equal(['kept link-dir/s.png (unsafe)', 'removed a.png']);
  });

  it('a folder that became a link out of the root after the provider was made is not followed', async () => {
    await fse.move(s.uploads.path('sub'), `${s.uploads.outside}/moved`);
    await fse.symlink(`${s.uploads.outside}/moved`, s.uploads.path('sub'));
    const Album = s.model('Album', { image: String }, { provider });
    await Album.create({ image: 'sub/b.png' });
    await Album.deleteMany();
    expect(await s.outcomes()).to.deep.equal(['kept sub/b.png (unsafe)']);
    expect(await fse.pathExists(`${s.uploads.outside}/moved/b.png`)).to.equal(true);
  });

  it('a root that does not exist is a failure that says so, not a missing file', async () => {
    const root = `${s.uploads.outside}/none`;
    const Album = s.model('Album', { image: String }, { provider: localProvider({ root }) });
    await Album.create({ image: 'a.png' });
    await Album.deleteMany();
    expect(s.events[0]).to.include({ outcome: 'failed', attempts: 1 });
    expect(s.events[0]!.error?.message).to.include(`the folder '${root}' does not exist`);
  });

  it('a directory is never removed, not even an empty one', async () => {
    const Album = s.model('Album', { image: String }, { provider });
    await Album.create([{ image: 'empty' }, { image: '/uploads/sub' }]);
    await Album.deleteMany();
    expect(await s.outcomes()).to.deep.equal(['kept /uploads/sub (unsafe)', 'kept empty (unsafe)']);
    expect(await s.uploads.has('sub/b.png')).to.equal(true);
    expect(await fse.pathExists(s.uploads.path('empty'))).to.equal(true);
  });

  itIf(hasBulkWriteHooks)(
    'a hard link or another name of the file that the write stores is kept',
    async () => {
      await fse.link(s.uploads.path('a.png'), s.uploads.path('same.png'));
      const Album = s.model('Album', { image: String }, { provider });
      const album = await Album.create({ image: 'a.png' });
      album.image = 'same.png';
      await album.save();
      expect(await s.outcomes()).to.deep.equal(['kept a.png (changed)']);
      await Album.bulkWrite([{ updateOne: { filter: {}, update: { image: 'a.png' } } }]);
      expect(await s.outcomes()).to.deep.equal(['kept same.png (changed)']);
      await Album.updateOne({}, { image: 'same.png' });
      expect(await s.outcomes()).to.deep.equal(['kept a.png (changed)']);
    },
  );
});

describe('the options of localProvider', () => {
  let uploads: Uploads;
  beforeEach(async () => {
    uploads = await Uploads.create();
  });
  afterEach(async () => {
    await uploads.destroy();
  });

  const home = process.env['HOME'] ?? '/root';
  for (const root of ['/', '.', './', '..', process.cwd(), home, `${home}/`, `${process.cwd()}/..`]) {
    it(`the root ${root === process.cwd() ? '<cwd>' : root} is refused`, () => {
      expect(() => localProvider({ root })).to.throw(TypeError, '"root"');
    });
  }

  for (const [options, named] of [
    [{ root: '' }, 'root'],
    [{ root: 7 }, 'root'],
    [{ root: 'a\0b' }, 'root'],
    [{ baseUrl: '' }, 'baseUrl'],
    [{ baseUrl: 'uploads' }, 'baseUrl'],
    [{ baseUrl: 'ftp://x/uploads' }, 'baseUrl'],
    [{ baseUrl: '/uploads?x' }, 'baseUrl'],
    [{ hosts: 'img.example' }, 'hosts'],
    [{ hosts: ['https://img.example'] }, 'hosts'],
    [{ hosts: [''] }, 'hosts'],
    [{ folder: 'x' }, 'folder'],
    [null, 'object'],
  ] as [never, string][]) {
    it(`${JSON.stringify(options)} is refused by name`, () => {
      expect(() => localProvider(options)).to.throw(TypeError, named);
    });
  }

  it('a relative root stays where it was when the working directory changes', async () => {
    const before = process.cwd();
    await uploads.put('a.png');
    process.chdir(uploads.outside);
    try {
      const provider = localProvider();
      process.chdir(before);
      const asset = provider.identify('a.png')!;
      expect(asset.key).to.equal(uploads.path('a.png'));
      expect(provider.identify('uploads/a.png')).to.deep.equal(asset);
      expect(provider.identify('uploads\\a.png')).to.deep.equal(asset);
      expect(provider.identify('./uploads/a.png')).to.deep.equal(asset);
    } finally {
      process.chdir(before);
    }
  });

  it('a baseUrl with a host lists it', () => {
    const provider = localProvider({ root: uploads.root, baseUrl: 'https://cdn.example:8080/files/' });
    const asset = provider.identify('a.png');
    expect(provider.identify('https://cdn.example:8080/files/a.png')).to.deep.equal(asset);
    expect(provider.identify('/files/a.png')).to.deep.equal(asset);
    expect(provider.identify('https://cdn.example/files/a.png')).to.equal(null);
  });
});
