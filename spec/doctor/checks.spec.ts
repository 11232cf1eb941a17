import { expect } from 'chai';
import { spawnSync } from 'node:child_process';
import fse from 'fs-extra';
import { localProvider } from '../../lib/index.js';
import { cloudinaryProvider } from '../../lib/providers/cloudinary/index.js';
import { memoryProvider } from '../../lib/providers/memory.js';
import { CloudinaryServer, noAbort, providerFor, sdkOptionsFor } from '../support/cloudinary/index.js';
import { Uploads } from '../support/uploads.js';

/** Looks at a folder as another user would. */
const CHECK = `
  const { checkFolder } = require('./lib/providers/local/check.js');
  if (process.getuid() === 0) process.setuid(65534);
  checkFolder(process.argv[1]).then((problem) => console.log(problem));
`;

describe('check() of the local provider', () => {
  let uploads: Uploads;
  beforeEach(async () => {
    uploads = await Uploads.create();
  });
  afterEach(async () => {
    await fse.chmod(uploads.root, 0o755);
    await uploads.destroy();
  });

  const check = (root: string): Promise<string | null> =>
    localProvider({ root }).check!({ signal: noAbort() });

  it('finds nothing wrong with a folder, also behind a symbolic link', async () => {
    expect(await check(uploads.root)).to.equal(null);
    await fse.symlink(uploads.root, `${uploads.outside}/link`);
    expect(await check(`${uploads.outside}/link`)).to.equal(null);
  });

  it('a folder that does not exist, a file, a way through a file', async () => {
    await uploads.put('file');
    expect(await check(uploads.path('none'))).to.equal(`the folder '${uploads.path('none')}' does not exist`);
    expect(await check(uploads.path('file'))).to.equal(`'${uploads.path('file')}' is not a folder`);
    expect(await check(uploads.path('file/x'))).to.include('does not exist');
    expect(await uploads.names()).to.deep.equal(['file']);
  });

  it('a folder that this process may not write (another user)', async () => {
    await fse.chmod(uploads.outside, 0o755);
    await fse.chmod(uploads.root, 0o555);
    const { stdout } = spawnSync(process.execPath, ['-r', 'ts-node/register', '-e', CHECK, uploads.root], {
      encoding: 'utf8',
    });
    expect(stdout.trim()).to.equal(
      `the folder '${uploads.root}' cannot be written by this process: permission denied`,
    );
  });
});

describe('check() of the Cloudinary provider', () => {
  let server: CloudinaryServer;
  beforeEach(async () => (server = await new CloudinaryServer().start()));
  afterEach(() => server.stop());

  it('finds nothing wrong with a cloud that answers, by one request', async () => {
    expect(await providerFor(server).check({ signal: noAbort() })).to.equal(null);
    expect(server.seen).to.have.length(1);
  });

  it('wrong credentials, without the secret', async () => {
    const sdkOptions = { ...sdkOptionsFor(server), api_secret: 'TOPSECRETTOPSECRETTOPSECRET' };
    const problem = await providerFor(server, { sdkOptions }).check({ signal: noAbort() });
    expect(problem).to.include('check cloud_name, api_key and api_secret').and.not.include('TOPSECRET');
  });

  it('no cloud_name, or no credentials: no request', async () => {
    const { cloud_name, upload_prefix } = sdkOptionsFor(server);
    const sdk = {
      config: () => ({}),
      uploader: { destroy: () => Promise.resolve({}) },
      api: { resources: () => Promise.resolve({}), delete_resources: () => Promise.resolve({}) },
    };
    const checked = (sdkOptions: object): Promise<string | null> =>
      cloudinaryProvider({ cloudinary: sdk, sdkOptions }).check({ signal: noAbort() });
    expect(await checked({})).to.include('has no cloud_name');
    expect(await checked({ cloud_name, upload_prefix })).to.include('has no api_key and api_secret');
    expect(server.seen).to.have.length(0);
  });

  it('a cloud that resets or hangs is a problem, never a failure', async () => {
    server.failNext(1, 'reset');
    expect(await providerFor(server).check({ signal: noAbort() })).to.be.a('string');
    server.failNext(1, 'hang');
    const problem = await providerFor(server).check({ signal: AbortSignal.timeout(300) });
    expect(problem).to.match(/timeout|aborted/i);
  });

  it('a configuration that throws is told', async () => {
    const provider = cloudinaryProvider({
      sdkOptions: () => {
        throw new Error('no vault');
      },
    });
    expect(await provider.check({ signal: noAbort() })).to.include('no vault');
  });
});

it('check() of the memory provider finds nothing wrong', async () => {
  expect(await memoryProvider().check({ signal: noAbort() })).to.equal(null);
});
