import { expect } from 'chai';
import express from 'express';
import fse from 'fs-extra';
import { once } from 'node:events';
import http, { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { cleanupFor } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { closedList, Dice, randomName, randomSpelling, type Served } from '../support/spellings.js';
import { folderProvider, insertRaw, untyped } from '../support/usage.js';
import { countOf, SEED } from '../support/counts.js';

/** How many spellings in each of the two runs. */
const COUNT = countOf('ORACLE', 100);
const BATCH = 200;
/** Files that nothing names: with every batch they must go, else a run that keeps everything would lose nothing, too. */
const UNUSED = 5;

interface Found {
  stored: string;
  file: string;
  isListed: boolean;
  isLost: boolean;
}

/**
 * A file server says what a use is: whatever it answers with the bytes of a file, when a page asks for what a document
 * stores. No file may leave of which another document has such a spelling.
 */
describe('the oracle: what a file server serves is in use', function () {
  this.timeout(600_000);
  let s: TestApp;
  let server: Server;
  let served: Served;
  const agent = new http.Agent({ keepAlive: true });
  beforeEach(async () => {
    s = await testApp();
    const app = express();
    app.use('/uploads', express.static(s.uploads.root));
    server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    served = { base: '/uploads', host: `localhost:${String(port)}`, root: s.uploads.root };
  });
  afterEach(closeTestApps);
  afterEach(async () => {
    agent.destroy();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  /** The bytes that the server answers a path with; `undefined` for anything but 200. */
  function bytesOf(path: string): Promise<string | undefined> {
    const { port } = server.address() as AddressInfo;
    return new Promise((resolve, reject) => {
      const request = http.get({ port, host: '127.0.0.1', path, agent }, (answer) => {
        const chunks: Buffer[] = [];
        answer.on('data', (chunk: Buffer) => chunks.push(chunk));
        answer.on('end', () => {
          resolve(answer.statusCode === 200 ? Buffer.concat(chunks).toString() : undefined);
        });
      });
      request.on('error', reject);
    });
  }

  /** What a page shows for a stored value: itself as the `src` of an image, or behind the base where it is a bare name. */
  async function shownFor(stored: string): Promise<string | undefined> {
    for (const source of /^[a-z]*:?[/\\]|^(\.\/)?uploads\//i.test(stored.trim())
      ? [stored]
      : [stored, `/uploads/${stored}`]) {
      const page = `http://${served.host}/page`;
      if (!URL.canParse(source, page)) continue;
      const url = new URL(source, page);
      if (url.host !== served.host) continue;
      const bytes = await bytesOf(url.pathname + url.search);
      if (bytes !== undefined) return bytes;
    }
    return undefined;
  }

  async function runBatch(dice: Dice, models: readonly AnyDocumentModel[], size: number): Promise<Found[]> {
    const [Plain, Spelled] = models as [AnyDocumentModel, AnyDocumentModel];
    await fse.emptyDir(s.uploads.root);
    const names = [...new Set(Array.from({ length: size }, (_, n) => randomName(dice, n)))];
    const unused = Array.from({ length: UNUSED }, (_, n) => `unused-${String(n)}.png`);
    await s.uploads.put(...names, ...unused);
    const spellings = names.map((name) => randomSpelling(dice, name, served));
    await insertRaw(Plain, ...[...names, ...unused].map((name) => ({ image: s.uploads.path(name) })));
    await insertRaw(Spelled, ...spellings.map((image) => ({ image })));
    const shown = await Promise.all(spellings.map(shownFor));
    await Plain.deleteMany({});
    await cleanupFor(s.connection).idle();
    const left = new Set(await s.uploads.names());
    expect(
      unused.filter((name) => left.has(name)),
      'files that nothing names',
    ).to.deep.equal([]);
    await Spelled.collection.deleteMany({});
    return spellings.flatMap((stored, n) => {
      const file = shown[n];
      if (file === undefined) return [];
      const listed = new Set(closedList(file, served));
      const isListed = listed.has(stored) || listed.has(stored.replace(/[?#].*$/s, ''));
      return [{ stored, file, isListed, isLost: !left.has(file) }];
    });
  }

  async function run(options: object, seed: number): Promise<Found[]> {
    const dice = new Dice(seed);
    const provider = folderProvider(s, '', { hosts: [served.host] });
    const models = ['Plain', 'Spelled'].map((name) =>
      s.model(name, { image: String }, untyped({ ...options, provider })),
    );
    const found: Found[] = [];
    for (let done = 0; done < COUNT; done += BATCH) {
      found.push(...(await runBatch(dice, models, Math.min(BATCH, COUNT - done))));
      s.events.splice(0);
    }
    return found;
  }

  const shortly = (found: readonly Found[]): string[] =>
    found.slice(0, 20).map(({ stored, file }) => `${JSON.stringify(stored)} for ${JSON.stringify(file)}`);

  it(`below the limit of mentions: none is lost (seed ${String(SEED)})`, async () => {
    const found = await run({}, SEED);
    const lost = found.filter(({ isLost }) => isLost);
    console.log(
      `      ${String(found.length)} of ${String(COUNT)} spellings were served, ${String(lost.length)} lost`,
    );
    expect(found.length).to.be.at.least(COUNT / 3);
    expect(shortly(lost), `${String(lost.length)} lost, SPEC_SEED=${String(SEED)}`).to.deep.equal([]);
  });

  it(`above it: none of the closed list is lost (seed ${String(SEED + 1)})`, async () => {
    const found = await run({ mentionsUpTo: 0 }, SEED + 1);
    const outside = found.filter(({ isListed }) => !isListed);
    const lost = found.filter(({ isListed, isLost }) => isListed && isLost);
    const lostOutside = outside.filter(({ isLost }) => isLost).length;
    const share = ((100 * lostOutside) / Math.max(1, outside.length)).toFixed(1);
    console.log(
      `      ${String(found.length)} of ${String(COUNT)} spellings were served, ${String(found.length - outside.length)} of the ` +
        `closed list; of the other ${String(outside.length)} were lost ${String(lostOutside)} (${share} %)`,
    );
    expect(found.length - outside.length).to.be.at.least(COUNT / 10);
    expect(shortly(lost), `${String(lost.length)} lost, SPEC_SEED=${String(SEED)}`).to.deep.equal([]);
  });
});
