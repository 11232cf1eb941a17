import { expect } from 'chai';
import express from 'express';
import fc from 'fast-check';
import fse from 'fs-extra';
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import { localProvider, type StorageProvider } from '../../../lib/index.js';
import { Uploads } from '../../support/uploads.js';
import { describeIf } from '../../support/versions.js';
import { aFileName } from './file-names.js';
import { countOf, SEED } from '../../support/counts.js';

const RUNS = countOf('SPEC_SPELLINGS', 150);

/** Ways to write the address of a file, right and odd ones; whether a server takes it is the server's to say. */
const written = fc.record({
  begin: fc.constantFrom(
    ...[
      '/uploads/',
      '/uploads//',
      'uploads/',
      '/uploads/./',
      '/UPLOADS/',
      '//img.example/uploads/',
      '/x/../uploads/',
    ],
    ...[
      'https://img.example/uploads/',
      'HTTP://IMG.example/uploads/',
      'http://img.example:80/uploads//',
      ' /uploads/',
    ],
    ...[
      '/uploads/sub/../',
      '/uploads/%2e/',
      '\\uploads\\',
      'http:\\\\img.example\\uploads/',
      '/uploads/sub/%2E%2e/',
      '',
    ],
  ),
  encode: fc.constantFrom<(name: string) => string>(
    (name) => name,
    encodeURI,
    encodeURIComponent,
    (name) => name.split('/').map(encodeURIComponent).join('/'),
    (name) => encodeURIComponent(name).replace(/%../g, (one) => one.toLowerCase()),
    (name) => new URL(`http://x/${name}`).href.slice(9),
    (name) => [...Buffer.from(name)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join(''),
    (name) => encodeURI(name).replace(/%20/g, ' '),
    (name) => name.replace(/\//g, '//'),
    (name) => name.replace(/\//g, '/./'),
  ),
  end: fc.constantFrom('', '', '', '?v=1', '#top', '?', '\n', ' ', '?a#b'),
});

/** What a browser would ask of the host that serves the files; `null` for another host. A bare name is written after `/uploads/`. */
function requestOf(value: string): string | null {
  // `photo:1.png` alone begins like a URL of a scheme that nobody knows, which no file is named by
  if (/^\s*(?!https?:)[a-z][a-z0-9+.-]*:/i.test(value)) return null;
  const isAddress = /^\s*(?:https?:|[/\\])/i.test(value);
  const address = isAddress ? value : value.startsWith('uploads/') ? `/${value}` : `/uploads/${value}`;
  try {
    const { host, pathname, search } = new URL(address, 'http://img.example');
    return host === 'img.example' ? pathname + search : null;
  } catch {
    return null;
  }
}

// other systems have no such names, or take two of them for one
describeIf(process.platform === 'linux')('what express.static serves', () => {
  let uploads: Uploads;
  let server: http.Server;
  let provider: StorageProvider;
  beforeEach(async () => {
    uploads = await Uploads.create();
    const app = express();
    app.use('/uploads', express.static(uploads.root, { dotfiles: 'allow' }));
    server = app.listen(0);
    provider = localProvider({ root: uploads.root, hosts: ['img.example'] });
  });
  afterEach(async () => {
    server.close();
    await uploads.destroy();
  });

  const contentAt = (path: string): Promise<string | null> =>
    new Promise((resolve, reject) => {
      const { port } = server.address() as AddressInfo;
      const request = http.get({ port, path, agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
        response.on('end', () => resolve(response.statusCode === 200 ? text : null));
      });
      request.on('error', reject);
    });

  it(`is among the files that a spelling could mean (${RUNS} spellings)`, async function () {
    this.timeout(20_000 + RUNS * 20);
    let served = 0;
    let asked = 0;
    const check = async (
      name: string,
      spelling: { begin: string; encode: (name: string) => string; end: string },
    ) => {
      const value = spelling.begin + spelling.encode(name) + spelling.end;
      const path = requestOf(value);
      if (path === null) return;
      await fse.emptyDir(uploads.root);
      try {
        await uploads.put(name, 'sub/other');
      } catch {
        return; // no name of a file here
      }
      if ((await contentAt(path)) !== name) return;
      served++;
      const keys = provider.possible!(value).map(({ key }) => key);
      expect(keys, JSON.stringify(value)).to.include(uploads.path(name));
      const { equal, addresses = [] } = provider.forms({ provider: 'local', key: uploads.path(name) });
      if (
        equal.includes(value) ||
        addresses.some((address) => value.startsWith(`${address}?`) || value.startsWith(`${address}#`))
      )
        asked++;
    };
    await fc.assert(fc.asyncProperty(aFileName, written, check), {
      numRuns: RUNS,
      seed: SEED,
    });
    expect(served).to.be.above(RUNS / 20);
    if (process.env['SPEC_SPELLINGS']) console.log(`${served} served, ${asked} of them among the forms`);
  });
});
