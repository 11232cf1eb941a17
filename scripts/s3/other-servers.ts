import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { Credentials } from '../../spec/support/s3/index.js';

/** An S3 that nobody here wrote. */
export interface OtherServer {
  readonly name: string;
  /** Where it may lie: variables that name the program, and its name on the PATH. */
  readonly variable: string;
  readonly program: string;
  readonly install: string;
  readonly version: (program: string) => Promise<string>;
  readonly args: (port: number, folder: string) => string[];
}

export const CREDENTIALS: Credentials = {
  accessKeyId: 'COMPAREKEYID01234567',
  secretAccessKey: 'compare/Secret+01234',
};

const run = promisify(execFile);

export const OTHERS: readonly OtherServer[] = [
  {
    name: 'moto',
    variable: 'MOTO_SERVER',
    program: 'moto_server',
    install:
      "python3 -m venv moto && moto/bin/pip install 'moto[server]', then MOTO_SERVER=moto/bin/moto_server",
    async version(program) {
      const python = path.join(path.dirname(program), 'python3');
      const { stdout } = await run(python, ['-c', 'import moto; print(moto.__version__)']);
      return stdout.trim();
    },
    args: (port) => ['-H', '127.0.0.1', '-p', String(port)],
  },
  {
    name: 'versitygw',
    variable: 'VERSITYGW',
    program: 'versitygw',
    install: 'go install github.com/versity/versitygw/cmd/versitygw@v1.8.0',
    async version(program) {
      const { stdout } = await run('go', ['version', '-m', program]);
      return /\bmod\s+\S+\s+v?(\S+)/.exec(stdout)?.[1] ?? 'of an unknown version';
    },
    args: (port, folder) => [
      ...['--port', `127.0.0.1:${String(port)}`, '--quiet', 'posix', '--sidecar', path.join(folder, 'about')],
      ...['--versioning-dir', path.join(folder, 'versions'), path.join(folder, 'buckets')],
    ],
  },
];

/** The program, where the machine has it. */
export async function find({ variable, program }: OtherServer): Promise<string | null> {
  const named = process.env[variable];
  const folders = [
    ...(process.env['PATH'] ?? '').split(path.delimiter),
    process.env['GOBIN'],
    path.join(homedir(), 'go/bin'),
  ];
  const candidates = named
    ? [named]
    : folders.flatMap((folder) => (folder ? [path.join(folder, program)] : []));
  for (const candidate of candidates) {
    const found = await access(candidate, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path.resolve(candidate);
    if (named) throw new Error(`${variable} names ${named}, which is no program that can be run`);
  }
  return null;
}

export interface Running {
  readonly endpoint: string;
  readonly version: string;
  stop(): Promise<void>;
}

/** Starts it on a free port of the loopback interface, in a folder of its own. */
export async function start(server: OtherServer, program: string): Promise<Running> {
  const folder = await mkdtemp(path.join(tmpdir(), `s3-${server.name}-`));
  for (const name of ['about', 'versions', 'buckets']) await mkdir(path.join(folder, name));
  const port = await freePort();
  const { accessKeyId, secretAccessKey } = CREDENTIALS;
  const env = { ...process.env, ROOT_ACCESS_KEY_ID: accessKeyId, ROOT_SECRET_ACCESS_KEY: secretAccessKey };
  const child = spawn(program, server.args(port, folder), {
    cwd: folder,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = new Promise((resolve) => child.once('exit', resolve));
      child.kill('SIGTERM');
      await ended;
    }
    await rm(folder, { recursive: true });
  };
  try {
    await listening(child, port);
    return { endpoint: `http://127.0.0.1:${String(port)}`, version: await server.version(program), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function listening(child: ChildProcess, port: number): Promise<void> {
  let told = '';
  child.stderr!.on('data', (chunk: Buffer) => (told = (told + chunk.toString()).slice(-2000)));
  for (let attempt = 0; attempt < 300; attempt++) {
    if (child.exitCode !== null) throw new Error(`it ended with ${String(child.exitCode)}: ${told}`);
    if (await answers(port)) return;
    await delay(100);
  }
  throw new Error(`it does not listen after 30 s: ${told}`);
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    const end = (answer: boolean) => (): void => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', end(true)).once('error', end(false));
  });
}
