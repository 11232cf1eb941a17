/**
 * The route handlers in plain Node, without Next.js: requests and responses are those of the web. Before each request all modules of the app and
 * of the plugin are evaluated anew, as by hot reload; Mongoose's are not, since Next.js leaves them outside of its bundles.
 */
import mongoose from 'mongoose';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { Readable } from 'node:stream';

type Handler = (request: Request, context: { params: Promise<Record<string, string>> }) => Promise<Response>;

const ROUTES: readonly (readonly [RegExp, string])[] = [
  [/^\/albums$/, 'albums'],
  [/^\/albums\/(?<id>\w+)$/, 'albums/[id]'],
  [/^\/albums\/(?<id>\w+)\/image$/, 'albums/[id]/image'],
  [/^\/albums\/(?<id>\w+)\/copies$/, 'albums/[id]/copies'],
];

const load = createRequire(__filename);
const evaluated = new Set<unknown>();

/** The route's module as a hot reload evaluates it. */
function freshModule(folder: string): Record<string, Handler | undefined> {
  for (const file of Object.keys(load.cache)) {
    const isPlugin = file.includes(`${path.sep}mongoose-image-cleanup${path.sep}dist${path.sep}`);
    const isOwn = !file.includes(`${path.sep}node_modules${path.sep}`) && file !== __filename;
    if (isPlugin || isOwn) Reflect.deleteProperty(load.cache, file);
  }
  const module = load(path.join(__dirname, 'app/api', folder, 'route.js')) as Record<string, Handler>;
  const { imageCleanup } = load('mongoose-image-cleanup') as { imageCleanup: unknown };
  for (const one of [module, imageCleanup]) {
    if (evaluated.has(one)) throw new Error('A module was not evaluated anew.');
    evaluated.add(one);
  }
  return module;
}

async function answer(request: IncomingMessage): Promise<Response> {
  const url = new URL(request.url!, `http://${request.headers.host!}`);
  const [pattern, folder] = ROUTES.find(([one]) => one.test(url.pathname)) ?? [];
  const handler = folder === undefined ? undefined : freshModule(folder)[request.method!];
  if (!handler) return new Response(null, { status: 404 });
  const hasBody = request.method !== 'GET' && request.method !== 'DELETE';
  const asked = new Request(url, {
    method: request.method!,
    headers: request.headers as Record<string, string>,
    ...(hasBody && { body: Readable.toWeb(request) as ReadableStream, duplex: 'half' }),
  } as RequestInit);
  return handler(asked, { params: Promise.resolve({ ...pattern!.exec(url.pathname)!.groups }) });
}

async function respond(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answered = await answer(request).catch((error: unknown) => {
    console.error(error);
    return new Response(null, { status: 500 });
  });
  response.writeHead(answered.status, Object.fromEntries(answered.headers));
  response.end(Buffer.from(await answered.arrayBuffer()));
}

const server = createServer((request, response) => void respond(request, response));
server.listen(Number(process.env.PORT ?? 3000), '127.0.0.1', () => {
  console.log(`listening on http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
});
process.once('SIGTERM', () => {
  server.close(() => void mongoose.disconnect());
});
