import { expect } from 'chai';
import cloudinary, { v2 } from 'cloudinary';
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import ts from 'typescript';
import { cloudinaryProvider } from '../../../lib/providers/cloudinary/index.js';
import type { CloudinaryOptions, CloudinarySdk } from '../../../lib/providers/cloudinary/index.js';

// Compiles: the real `v2` object has the shape that is asked for.
const shape: CloudinarySdk = v2;

describe('cloudinaryProvider options', () => {
  const wrong: [options: unknown, message: string][] = [
    [null, 'the options are null; allowed: an object'],
    [{ cloudinary: cloudinary }, 'the option "cloudinary" is an object; allowed: the `v2` object'],
    [{ cloudinary: {} }, 'allowed: the `v2` object of the cloudinary package'],
    [{ name: '' }, `the option "name" is ''; allowed: a string that is not empty`],
    [{ cloudName: 'demo' }, 'unknown option "cloudName"; known: cloudinary, name'],
    [{ sdkOptions: 'demo' }, `"sdkOptions" is 'demo'; allowed: an object or a function that returns one`],
    [
      { sdkOptions: { resource_type: 'raw' } },
      'unknown option of "sdkOptions" "resource_type"; known: cloud_name',
    ],
    [{ sdkOptions: { disable_promises: true } }, 'unknown option of "sdkOptions" "disable_promises"'],
    [{ invalidate: 'yes' }, `"invalidate" is 'yes'; allowed: true or false`],
    [{ api: 'search' }, `"api" is 'search'; allowed: 'upload', 'admin'`],
    [{ concurrency: 0 }, '"concurrency" is 0; allowed: a whole number from 1 to 100'],
    [
      { publicIds: ['products'] },
      `"publicIds" is an array with other content; allowed: 'plain', true, false or an array of folders that end in '/'`,
    ],
    [{ publicIds: ['/'] }, 'the option "publicIds" is'],
    [{ resourceType: 'auto' }, `"resourceType" is 'auto'; allowed: 'image', 'video', 'raw'`],
    [{ type: 'fetch' }, `"type" is 'fetch'; allowed: 'upload', 'private', 'authenticated'`],
    [
      { hosts: ['https://a.b'] },
      '"hosts" is an array with other content; allowed: an array of domains in lower case, without scheme or path',
    ],
    [{ rootPath: 1 }, '"rootPath" is 1; allowed: true or false'],
  ];
  for (const [options, message] of wrong) {
    it(message, () =>
      expect(() => cloudinaryProvider(options as CloudinaryOptions)).to.throw(TypeError, message),
    );
  }

  it('checks what a function of sdkOptions answers when it is used', async () => {
    const provider = cloudinaryProvider({
      cloudinary: shape,
      sdkOptions: () => ({ keep_original: true }) as object,
    });
    const [outcome] = await provider.remove([{ provider: 'cloudinary', key: 'demo/image/upload/a' }], {
      signal: new AbortController().signal,
    });
    expect(outcome).to.include({ outcome: 'failed', retryable: false });
    expect((outcome as { error: Error }).error.message).to.include(
      'unknown option of "sdkOptions" "keep_original"',
    );
  });

  it('reads the configuration when it is used, so that config() may come later', () => {
    let configuration = {};
    const later: CloudinarySdk = { ...v2, config: () => configuration };
    const provider = cloudinaryProvider({ cloudinary: later });
    expect(provider.identify('https://res.cloudinary.com/late/image/upload/v1/a.jpg')).to.equal(null);
    configuration = { cloud_name: 'late', private_cdn: 'true', secure_distribution: 'img.example.com' };
    expect(provider.identify('https://res.cloudinary.com/late/image/upload/v1/a.jpg')?.key).to.equal(
      'late/image/upload/a',
    );
    expect(provider.identify('https://img.example.com/image/upload/v1/a.jpg')?.key).to.equal(
      'late/image/upload/a',
    );
    configuration = { cloud_name: 'other' };
    expect(provider.identify('https://res.cloudinary.com/late/image/upload/v1/a.jpg')).to.equal(null);
  });

  it('several clouds: each provider takes the URLs of its own', () => {
    const one = cloudinaryProvider({ cloudinary: v2, name: 'one', sdkOptions: { cloud_name: 'one' } });
    const two = cloudinaryProvider({ cloudinary: v2, name: 'two', sdkOptions: { cloud_name: 'two' } });
    const url = 'https://res.cloudinary.com/two/image/upload/v1/a.jpg';
    expect(one.identify(url)).to.equal(null);
    expect(two.identify(url)).to.deep.equal({ provider: 'two', key: 'two/image/upload/a' });
    expect([one.storage, two.storage]).to.deep.equal(['one', 'two']);
  });

  describe('the SDK as an optional peer', () => {
    let folder: string;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'no-cloudinary-'));
      const from = join(process.cwd(), 'lib');
      const filesIn = (room: string): string[] =>
        readdirSync(join(from, room))
          .filter((file) => file.endsWith('.ts'))
          .map((file) => `${room}/${file}`);
      const rooms = ['providers/cloudinary', 'providers', 'shared'];
      for (const room of rooms) mkdirSync(join(folder, 'lib', room), { recursive: true });
      for (const file of rooms.flatMap(filesIn)) {
        const { outputText } = ts.transpileModule(readFileSync(join(from, file), 'utf8'), {
          compilerOptions: {
            module: ts.ModuleKind.CommonJS,
            target: ts.ScriptTarget.ES2022,
            esModuleInterop: true,
          },
        });
        writeFileSync(join(folder, 'lib', file.replace(/\.ts$/, '.js')), outputText);
      }
    });
    after(() => rmSync(folder, { recursive: true, force: true }));

    const run = (code: string, env: NodeJS.ProcessEnv = {}) =>
      execFileSync(process.execPath, ['-e', code], {
        cwd: folder,
        env: { ...process.env, ...env },
        encoding: 'utf8',
      });

    it('a missing SDK is named at once, with the command that installs it', () => {
      const said = run(
        `try { require('./lib/providers/cloudinary/index.js').cloudinaryProvider() } catch (error) { console.log(error.message) }`,
      );
      expect(said).to.include('needs the package "cloudinary", which is not installed');
      expect(said).to.include('npm install cloudinary@2');
    });

    it('a provider over an object of the app needs no package', () => {
      const fake =
        '{ config: () => ({ cloud_name: "x" }), uploader: { destroy() {} }, api: { resources() {}, delete_resources() {} } }';
      const code = `console.log(require('./lib/providers/cloudinary/index.js').cloudinaryProvider({ cloudinary: ${fake} }).identify('a').key)`;
      expect(run(code)).to.equal('x/image/upload/a\n');
    });

    it('an installed SDK is loaded at first use, with CLOUDINARY_URL of that time', () => {
      mkdirSync(join(folder, 'node_modules/cloudinary'), { recursive: true });
      const real = JSON.stringify(require.resolve('cloudinary'));
      writeFileSync(
        join(folder, 'node_modules/cloudinary/index.js'),
        `globalThis.loads = 1; module.exports = require(${real});`,
      );
      const code = `
        const provider = require('./lib/providers/cloudinary/index.js').cloudinaryProvider();
        console.log(globalThis.loads);
        process.env.CLOUDINARY_URL = 'cloudinary://key:secret@fromenv';
        console.log(provider.identify('a').key, globalThis.loads);`;
      expect(run(code, { CLOUDINARY_URL: '' })).to.equal('undefined\nfromenv/image/upload/a 1\n');
    });
  });
});
