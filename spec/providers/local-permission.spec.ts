import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import fse from 'fs-extra';
import { localProvider } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';

/** Removes a file as another user would, and prints the outcome. */
const REMOVE = `
  const fs = require('fs-extra');
  const { removeFiles } = require('./lib/providers/local/remove.js');
  const [root, name, uid] = process.argv.slice(1);
  if (process.getuid() === 0) process.setuid(Number(uid));
  removeFiles({ given: root, real: root }, [{ relative: name }], new AbortController().signal).then(([outcome]) => {
    console.log(JSON.stringify({ ...outcome, code: outcome.error?.code }));
  });
`;

describe('no permission', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(async () => {
    await fse.chmod(s.uploads.path('locked'), 0o755).catch(() => undefined);
    await closeTestApps();
  });

  it('is a failed removal, not to be tried again, and the file stays (another user)', async () => {
    await s.uploads.put('locked/a.png');
    await fse.chmod(s.uploads.path('locked'), 0o555);
    await fse.chmod(s.uploads.outside, 0o755);
    const child = spawnSync(
      process.execPath,
      ['-r', 'ts-node/register', '-e', REMOVE, s.uploads.root, 'locked/a.png', '65534'],
      { encoding: 'utf8' },
    );
    expect(child.stderr).to.not.contain('Error');
    expect(JSON.parse(child.stdout)).to.include({ outcome: 'failed', retryable: false, code: 'EACCES' });
    expect(await s.uploads.has('locked/a.png')).to.equal(true);
  });

  for (const code of ['EACCES', 'EPERM', 'EROFS']) {
    it(`${code}: the write stands, an event and one line of the log tell`, async () => {
      await s.uploads.put('a.png');
      const Album = s.model('Album', { image: String });
      await Album.create({ image: 'a.png' });
      const real = fse.unlink;
      const refused = Object.assign(new Error(`${code}: operation not permitted`), { code });
      (fse as { unlink: unknown }).unlink = () => Promise.reject(refused);
      try {
        expect(await Album.deleteOne()).to.include({ deletedCount: 1 });
      } finally {
        (fse as { unlink: unknown }).unlink = real;
      }
      expect(s.events).to.have.length(1);
      expect(s.events[0]).to.include({ outcome: 'failed', error: refused, attempts: 1 });
      expect(s.log.filter((line) => line.includes(code))).to.have.length(1);
      expect(await s.uploads.has('a.png')).to.equal(true);
    });
  }

  it('a passing condition is tried again until it works', async () => {
    await s.uploads.put('a.png');
    const Album = s.model('Album', { image: String }, { retry: { minDelayMs: 1, maxDelayMs: 1 } });
    await Album.create({ image: 'a.png' });
    const real = fse.unlink;
    let calls = 0;
    (fse as { unlink: unknown }).unlink = (path: string) =>
      ++calls < 3 ? Promise.reject(Object.assign(new Error('busy'), { code: 'EBUSY' })) : real(path);
    try {
      await Album.deleteOne();
      expect(await s.outcomes()).to.deep.equal(['removed a.png']);
    } finally {
      (fse as { unlink: unknown }).unlink = real;
    }
    expect(calls).to.equal(3);
  });

  it('a missing file is missing, without an error', async () => {
    const Album = s.model('Album', { image: String }, { provider: localProvider({ root: s.uploads.root }) });
    await Album.create({ image: 'a.png' });
    await Album.deleteOne();
    expect(s.events[0]).to.include({ outcome: 'missing' }).and.not.have.property('error');
  });
});
