import { expect } from 'chai';
import fse from 'fs-extra';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { freshDatabase } from '../../support/database.js';
import { formWith } from '../../support/gallery.js';
import { hostsOf } from '../../support/mongodb/uri.js';
import { Uploads } from '../../support/uploads.js';

const ROOT = path.join(__dirname, '../../..');

/** ts-node itself uses what Node 22 and later warn of. */
const QUIET = ['--disable-warning=DEP0180'];

describe('the gallery as a program', function () {
  this.timeout(60_000);
  let folder: Uploads;
  let program: ChildProcess | undefined;
  let printed = '';

  beforeEach(async () => {
    folder = await Uploads.create();
  });
  afterEach(async () => {
    if (program?.exitCode === null && program.signalCode === null) {
      program.kill('SIGKILL');
      await once(program, 'exit');
    }
    await folder.destroy();
  });

  function run(args: string[] = [], env: Record<string, string> = {}): ChildProcess {
    printed = '';
    program = spawn(
      process.execPath,
      [...QUIET, '-r', 'ts-node/register', 'examples/gallery/server.ts', ...args],
      {
        cwd: ROOT,
        env: { ...process.env, PORT: '0', MONGODB_URI: freshDatabase(), TMPDIR: folder.root, ...env },
      },
    );
    for (const stream of [program.stdout!, program.stderr!]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        printed += text;
      });
    }
    return program;
  }

  async function start(args: string[] = [], env: Record<string, string> = {}): Promise<string> {
    const { stdout } = run(args, env);
    let url: RegExpExecArray | null = null;
    while (!url) {
      await once(stdout!, 'data');
      url = /http:\/\/localhost:\d+/.exec(printed);
    }
    return url[0];
  }

  /** Temporary folders of the gallery; ts-node has one of its own. */
  async function leftOvers(): Promise<string[]> {
    return (await fse.readdir(folder.root)).filter((name) => name.startsWith('gallery-'));
  }

  async function end(): Promise<number> {
    const exit = once(program!, 'exit');
    program!.kill('SIGINT');
    const [code] = (await exit) as [number];
    return code;
  }

  it('prints where to click, where the images are and which MongoDB it uses; Ctrl-C leaves nothing behind', async () => {
    const uri = freshDatabase();
    const url = await start([], { MONGODB_URI: uri });
    expect(printed).to.contain(hostsOf(uri)).and.to.contain(path.join(folder.root, 'gallery-'));
    expect((await fetch(url)).status).to.equal(200);
    await fetch(`${url}/api/albums`, { method: 'POST', body: formWith(2, { title: 'Dunes' }) });
    expect(await leftOvers()).to.have.length(1);
    const stream = await fetch(`${url}/api/live`);
    expect(await end()).to.equal(0);
    expect(await stream.text(), 'the stream has ended, not broken off').to.contain('event: state');
    expect(printed).to.contain('Stopped.');
    expect(await leftOvers()).to.deep.equal([]);
  });

  it('keeps what --data names, with the database of the URI', async () => {
    const data = path.join(folder.outside, 'mine');
    const uri = freshDatabase();
    const url = await start(['--data', data], { MONGODB_URI: uri });
    await fetch(`${url}/api/albums`, { method: 'POST', body: formWith(1, { title: 'Dunes' }) });
    expect(await end()).to.equal(0);
    expect(await fse.readdir(data)).to.deep.equal(['uploads']);
    expect(await fse.readdir(path.join(data, 'uploads'))).to.have.length(1);
    const again = await start(['--data', data], { MONGODB_URI: uri });
    const stream = (await fetch(`${again}/api/live`)).body!.pipeThrough(new TextDecoderStream()).getReader();
    expect((await stream.read()).value)
      .to.contain('"title":"Dunes"')
      .and.to.contain('"as":"cover"');
    await stream.cancel();
    expect(await end()).to.equal(0);
  });

  const refusals: [string, string[], Record<string, string>, RegExp][] = [
    [
      'a MongoDB that is not there, without its password',
      [],
      { MONGODB_URI: 'mongodb://somebody:secret@127.0.0.1:1/' },
      /^No connection to mongodb:\/\/127\.0\.0\.1:1\/: .*ECONNREFUSED/,
    ],
    ['a URI that is none', [], { MONGODB_URI: 'nonsense' }, /^No connection to nonsense: /],
    ['a port that is none', [], { PORT: 'http' }, /^PORT is "http"/],
    ['a grace period that is none', [], { GRACE_SECONDS: 'soon' }, /^GRACE_SECONDS is "soon"; it must be/],
    ['an unknown option', ['--dta', 'x'], {}, /^Unknown option '--dta'/],
    [
      'a folder that cannot be',
      ['--data', path.join(ROOT, 'package.json')],
      {},
      /^The folder .*package\.json cannot be used/,
    ],
  ];
  for (const [what, args, env, message] of refusals) {
    it(`says in plain words that it cannot use ${what}`, async () => {
      const [code] = (await once(run(args, env), 'close')) as [number];
      expect(code).to.equal(1);
      expect(printed.trim()).to.match(message);
      expect(printed).not.to.match(/\n\s+at |secret/);
      expect(await leftOvers()).to.deep.equal([]);
    });
  }

  it('says that its port is in use, and what to do', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const [code] = (await once(run([], { PORT: String(port) }), 'close')) as [number];
    other.close();
    expect(code).to.equal(1);
    expect(printed.trim()).to.equal(
      `Port ${String(port)} is in use. Try another: PORT=${String(port + 1)} npm start`,
    );
  });
});
