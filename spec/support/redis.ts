import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';

/** A Redis for a group of specs. */
export interface TestRedis {
  readonly host: string;
  readonly port: number;
  /** Ends it as if it had crashed; resolves when it is gone. Not for one that the machine gave. */
  kill(): Promise<void>;
  /** Starts it anew on the same port, empty. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

const PROGRAM = 'redis-server';

/** Why there is none, as the name of a skipped group says it; `undefined`: there is one. */
export function whyNoRedis(): string | undefined {
  if (process.env['REDIS_URL'] || programPath()) return undefined;
  return `skipped: neither REDIS_URL nor ${PROGRAM} on the PATH`;
}

/** The one of `REDIS_URL`, or a process of its own on a free port of the loopback interface, which stores nothing on disk. */
export async function startRedis(): Promise<TestRedis> {
  const given = process.env['REDIS_URL'];
  if (given) {
    const { hostname, port } = new URL(given);
    const refuse = (): Promise<void> => Promise.reject(new Error('REDIS_URL is not ours to end'));
    const stop = (): Promise<void> => Promise.resolve();
    return { host: hostname, port: Number(port || 6379), kill: refuse, restart: refuse, stop };
  }
  const port = await freePort();
  let server = await start(port);
  const kill = async (): Promise<void> => {
    if (server.exitCode !== null || server.signalCode !== null) return;
    const ended = once(server, 'exit');
    server.kill('SIGKILL');
    await ended;
  };
  return {
    host: '127.0.0.1',
    port,
    kill,
    async restart() {
      server = await start(port);
    },
    stop: kill,
  };
}

/** May this group of specs end the Redis that it has? */
export function isRedisOurs(): boolean {
  return !process.env['REDIS_URL'];
}

async function start(port: number): Promise<ChildProcess> {
  const options = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'];
  const server = spawn(programPath()!, options, { stdio: ['ignore', 'pipe', 'inherit'] });
  let told = '';
  await new Promise<void>((resolve, reject) => {
    server.stdout.on('data', (chunk: Buffer) => {
      told += chunk.toString();
      if (told.includes('Ready to accept connections')) resolve();
    });
    server.once('exit', () => {
      reject(new Error(`${PROGRAM} did not start: ${told}`));
    });
  });
  return server;
}

function programPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  return folders.map((folder) => path.join(folder, PROGRAM)).find((place) => existsSync(place));
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}
