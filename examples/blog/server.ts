import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:http';
import os from 'node:os';
import path from 'node:path';
// In your app: the URI of your own MongoDB.
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { withDatabase } from '../../spec/support/mongodb/uri.js';
import { openBlog } from './blog.js';
import { endOnSignals } from '../gallery/end-on-signals.js';

const HOST = '127.0.0.1';

/** `npm run blog`: `PORT` is the port to listen on (default 3000). All data is temporary, and is deleted at the end. */
async function main(): Promise<void> {
  const port = Number(process.env['PORT'] ?? 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is "${String(process.env['PORT'])}"; it must be a number from 0 to 65535.`);
  }
  const server = createServer();
  await listen(server, port);
  const dataFolder = await mkdtemp(path.join(os.tmpdir(), 'blog-'));
  const mongodb = await startMongoDB();
  const mongodbUri = withDatabase(mongodb.uri, `blog_${randomBytes(4).toString('hex')}`);
  const blog = await openBlog({ mongodbUri, dataFolder });
  server.on('request', blog.app);
  const { port: actualPort } = server.address() as { port: number };
  console.log(
    `\n  ${mongodb.description}\n  Images: ${blog.uploads} (temporary; deleted at the end)\n\n` +
      `  Open   http://localhost:${String(actualPort)}\n  Stop   Ctrl-C\n`,
  );

  const end = async (): Promise<void> => {
    server.close();
    await blog.close({ dropDatabase: true });
    server.closeAllConnections();
    await mongodb.stop();
    await rm(dataFolder, { recursive: true, force: true });
  };
  endOnSignals(end, failed);
}

/** Called first, so that nothing has to be stopped again if the port is taken. */
async function listen(server: ReturnType<typeof createServer>, port: number): Promise<void> {
  try {
    await once(server.listen(port, HOST), 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${String(port)} is in use. Try another: PORT=${String(port + 1)} npm run blog`, {
      cause: error,
    });
  }
}

function failed(error: unknown): void {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
}

main().catch(failed);
