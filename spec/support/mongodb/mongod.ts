import { connect } from 'node:net';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { MongoDB, StartOptions } from './index.js';

const PROBE_LIMIT_MS = 1500;

/** Starts a real mongod as a one-member replica set; throws where none can be had. */
export async function startMongod({ port }: StartOptions, database: string): Promise<MongoDB> {
  const systemBinary = await findBinary();
  if (!systemBinary) await announceDownload();
  const { MongoMemoryReplSet } = await import('mongodb-memory-server');
  const replSet = await MongoMemoryReplSet.create({
    replSet: { name: 'rs0', count: 1, storageEngine: 'wiredTiger' },
    instanceOpts: [
      { ...(port === undefined ? {} : { port }), args: ['--setParameter', 'enableTestCommands=1'] },
    ],
    ...(systemBinary ? { binary: { systemBinary } } : {}),
  });
  const uri = replSet.getUri(database);
  return {
    uri,
    kind: 'mongod',
    description: `MongoDB: a real mongod at ${new URL(uri).host} (${systemBinary ?? 'downloaded'})`,
    stop: async () => {
      await replSet.stop({ doCleanup: true, force: true });
    },
  };
}

/** What is on this machine already: the named binary, a mongod on the PATH, a former download. */
async function findBinary(): Promise<string | undefined> {
  const named = process.env['MONGOMS_SYSTEM_BINARY'];
  if (named) {
    if (await isExecutable(named)) return named;
    throw new Error(`MONGOMS_SYSTEM_BINARY is ${named}, which can't be run`);
  }
  const executable = process.platform === 'win32' ? 'mongod.exe' : 'mongod';
  for (const directory of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(directory, executable);
    if (directory && (await isExecutable(path))) return path;
  }
  const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
  return DryMongoBinary.locateBinary(DryMongoBinary.getEnsuredOptions());
}

async function isExecutable(path: string): Promise<boolean> {
  return access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** Asks once whether the download can work: mongodb-memory-server itself takes 8 s to find out that it can't. */
async function announceDownload(): Promise<void> {
  const { MongoBinaryDownloadUrl } =
    await import('mongodb-memory-server-core/lib/util/MongoBinaryDownloadUrl.js');
  const { DryMongoBinary } = await import('mongodb-memory-server-core/lib/util/DryMongoBinary.js');
  const options = await DryMongoBinary.generateOptions();
  const url = new URL(await new MongoBinaryDownloadUrl(options).getDownloadUrl());
  await probe(url);
  console.log(`Downloading mongod ${options.version} from ${url.host}; on a slow line this takes minutes.`);
}

async function probe(url: URL): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      socket.destroy();
      reject(new Error(`none on this machine, and ${url.hostname} can't be reached (${reason})`));
    };
    // The limit is for the lookup of the name too, which a timeout of the socket would not cover.
    const timer = setTimeout(() => fail(`no answer in ${PROBE_LIMIT_MS} ms`), PROBE_LIMIT_MS);
    const socket = connect({
      host: url.hostname,
      port: Number(url.port) || (url.protocol === 'http:' ? 80 : 443),
    });
    socket.once('error', (error: NodeJS.ErrnoException) => fail(error.code ?? error.message));
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.destroy();
      resolve();
    });
  });
}
