import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, constants, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
// In your app: the URI of your own MongoDB.
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { withDatabase } from '../../spec/support/mongodb/uri.js';
import { openGallery, type Gallery } from './gallery.js';
import { endOnSignals } from './end-on-signals.js';

const USAGE = `npm start [-- --data DIR]

  --data DIR     keep the images in DIR/uploads (default: a temporary folder, deleted at the end)
  PORT           the port to listen on (default 3000)
  GRACE_SECONDS  how long dropped files stay and can be restored (default 20)
  MONGODB_URI    the MongoDB to use (default: one that is started for the demo)`;

const HOST = '127.0.0.1';
const LAST_REQUESTS_MS = 2000;

/** Ends the demo with one line for its user. */
class Stop extends Error {}

async function main(): Promise<void> {
  const { port, data, gracePeriod } = readArguments();
  await refuseTakenPort(port);

  const isTemporary = data === undefined;
  const dataFolder = isTemporary ? await mkdtemp(path.join(os.tmpdir(), 'gallery-')) : await folder(data);
  const releaseFolder = async (): Promise<void> => {
    if (isTemporary) await rm(dataFolder, { recursive: true, force: true });
  };
  const mongodb = await findMongoDB().catch(async (error: unknown) => {
    await releaseFolder();
    throw error;
  });
  const open = async (): Promise<Gallery> =>
    openGallery({ mongodbUri: uriFor(mongodb.uri, isTemporary), dataFolder, gracePeriod });
  const gallery = await open().catch(async (error: unknown) => {
    await mongodb.stop();
    await releaseFolder();
    throw new Stop(
      `No connection to ${withoutPassword(mongodb.uri)}: ${messageOf(error)}\n` +
        'Start this MongoDB, or unset MONGODB_URI to start one for the demo.',
    );
  });

  const server = createServer(gallery.app).listen(port, HOST);
  await once(server, 'listening');
  const { port: actualPort } = server.address() as AddressInfo;
  const isForgetful = !isTemporary && process.env['MONGODB_URI'] === undefined;
  const lines = [
    mongodb.description,
    `Images: ${gallery.uploads}${isTemporary ? ' (temporary; deleted at the end)' : ''}`,
    ...(isForgetful ? ['The documents are deleted at the end; set MONGODB_URI to keep them.'] : []),
    '',
    `Open   http://localhost:${String(actualPort)}`,
    'Stop   Ctrl-C',
  ];
  console.log(`\n${lines.map((line) => `  ${line}`).join('\n')}\n`);

  const end = async (): Promise<void> => {
    console.log('\nStopping: finishing the last removals …');
    server.close();
    const { givenUp } = await gallery.close({ dropDatabase: isTemporary });
    server.closeIdleConnections();
    setTimeout(() => {
      server.closeAllConnections();
    }, LAST_REQUESTS_MS).unref();
    if (server.listening) await once(server, 'close');
    await mongodb.stop();
    await releaseFolder();
    console.log(givenUp === 0 ? 'Stopped.' : `Stopped; ${String(givenUp)} removals were given up.`);
  };
  endOnSignals(end, failed);
}

interface Arguments {
  readonly port: number;
  readonly data: string | undefined;
  /** Milliseconds. */
  readonly gracePeriod: number | undefined;
}

function readArguments(): Arguments {
  try {
    const { values } = parseArgs({
      options: { data: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
    if (values.help) {
      console.log(USAGE);
      process.exit(0);
    }
    const port = Number(process.env['PORT'] ?? 3000);
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      throw new Stop(`PORT is "${process.env['PORT'] ?? ''}"; it must be a number from 0 to 65535.`);
    }
    return { port, data: values.data, gracePeriod: readGracePeriod(process.env['GRACE_SECONDS']) };
  } catch (error) {
    if (error instanceof Stop) throw error;
    throw new Stop(`${messageOf(error)}\n\n${USAGE}`);
  }
}

function readGracePeriod(given: string | undefined): number | undefined {
  if (given === undefined) return undefined;
  const seconds = Number(given);
  if (given.trim() === '' || !(seconds >= 0 && seconds <= 86_400))
    throw new Stop(`GRACE_SECONDS is "${given}"; it must be a number of seconds from 0 to 86400.`);
  return seconds * 1000;
}

/** Called first, so that nothing has to be stopped again if the port is taken. */
async function refuseTakenPort(port: number): Promise<void> {
  const probe = createServer().listen(port, HOST);
  try {
    await once(probe, 'listening');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const next = String(port + 1);
    if (code === 'EADDRINUSE')
      throw new Stop(`Port ${String(port)} is in use. Try another: PORT=${next} npm start`);
    if (code === 'EACCES')
      throw new Stop(`Port ${String(port)} needs more permissions. Try another: PORT=3000 npm start`);
    throw error;
  }
  probe.close();
  await once(probe, 'close');
}

/** The user's own MongoDB, which is left running; otherwise one for this run, which is stopped at the end. */
async function findMongoDB(): Promise<{ uri: string; description: string; stop(): Promise<void> }> {
  const uri = process.env['MONGODB_URI'];
  if (uri) {
    const description = `MongoDB: ${withoutPassword(uri)} (MONGODB_URI)`;
    return { uri, description, stop: () => Promise.resolve() };
  }
  return startMongoDB().catch((error: unknown) => {
    throw new Stop(`No MongoDB: ${messageOf(error)}`);
  });
}

async function folder(given: string): Promise<string> {
  const absolute = path.resolve(given);
  try {
    await mkdir(path.join(absolute, 'uploads'), { recursive: true });
    await access(absolute, constants.W_OK);
    return absolute;
  } catch (error) {
    throw new Stop(`The folder ${absolute} cannot be used: ${messageOf(error)}`);
  }
}

/**
 * A temporary folder has a database of its own, which is deleted with it; a permanent folder uses the database of the
 * URI.
 */
function uriFor(uri: string, isTemporary: boolean): string {
  if (isTemporary) return withDatabase(uri, `gallery_${randomBytes(4).toString('hex')}`);
  const isNamed = /^[^/]+:\/\/[^/]+\/[^?]/.test(uri);
  return isNamed ? uri : withDatabase(uri, 'gallery');
}

function withoutPassword(uri: string): string {
  return uri.replace(/\/\/[^@/]*@/, '//').replace(/\?.*$/, '');
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function failed(error: unknown): void {
  console.error(error instanceof Stop ? `\n${error.message}\n` : error);
  process.exit(1);
}

main().catch(failed);
