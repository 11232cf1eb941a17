import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openGallery, type Gallery } from '../../examples/gallery/gallery.js';
import type { GalleryState } from '../../examples/gallery/state.js';
import type { Line } from '../../examples/gallery/sentences.js';
import { freshDatabase } from './database.js';
import { png } from './pictures.js';
import { Uploads } from './uploads.js';

interface Answer {
  status: number;
  /** `said` or `problem`. */
  text: string;
  call: string | undefined;
  headers: Headers;
}

export type LiveEvent =
  { type: 'state'; data: GalleryState } | { type: 'lines'; data: Line[] } | { type: 'line'; data: Line };

/** The gallery demo in this process, on a port of its own, over a temporary folder and a fresh database. */
export class RunningGallery {
  /** Errors that the app logged. */
  readonly log: unknown[] = [];
  readonly #streams: AbortController[] = [];
  #isClosed = false;

  private constructor(
    readonly gallery: Gallery,
    readonly uploads: Uploads,
    readonly origin: string,
    private readonly server: Server,
    log: unknown[],
  ) {
    this.log = log;
  }

  /** `gracePeriod` in milliseconds; default: dropped files go at once. */
  static async start({ gracePeriod = 0 } = {}): Promise<RunningGallery> {
    const uploads = await Uploads.create();
    const log: unknown[] = [];
    const gallery = await openGallery({
      mongodbUri: freshDatabase(),
      dataFolder: uploads.outside,
      gracePeriod,
      workEvery: '100ms',
      retry: { attempts: 5, minDelayMs: 5, maxDelayMs: 20 },
      logger: { warn: () => undefined, error: () => undefined },
      log: (error) => log.push(error),
    });
    const server = createServer(gallery.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return new RunningGallery(gallery, uploads, `http://127.0.0.1:${String(port)}`, server, log);
  }

  async send(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const isForm = body instanceof FormData;
    const response = await fetch(this.origin + path, {
      method,
      ...(body !== undefined && { body: isForm || typeof body === 'string' ? body : JSON.stringify(body) }),
      headers: {
        ...(isForm || body === undefined ? {} : { 'Content-Type': 'application/json' }),
        ...headers,
      },
    });
    const answer = (await response.json()) as { said?: string; problem?: string; call?: string };
    const { status } = response;
    return {
      status,
      text: answer.said ?? answer.problem ?? '',
      call: answer.call,
      headers: response.headers,
    };
  }

  /** Creates an album with that many images (the first is the cover) through the form; gives its id. */
  async album(title: string, images: number, fields: Record<string, string> = {}): Promise<string> {
    const { status, text } = await this.send('POST', '/api/albums', formWith(images, { title, ...fields }));
    if (status !== 200) throw new Error(text);
    const album = await this.gallery.Album.findOne({ title }).orFail();
    return album.id as string;
  }

  async find(id: string) {
    return this.gallery.Album.findById(id).lean().orFail();
  }

  /** Follows the page's stream until `isWanted` says of an event that it is the one. */
  async follow(isWanted: (event: LiveEvent) => boolean): Promise<LiveEvent> {
    for await (const event of this.events()) if (isWanted(event)) return event;
    throw new Error('the stream ended before the event came');
  }

  async *events(): AsyncGenerator<LiveEvent> {
    const controller = new AbortController();
    this.#streams.push(controller);
    try {
      const response = await fetch(`${this.origin}/api/live`, { signal: controller.signal });
      let text = '';
      for await (const chunk of response.body!.pipeThrough(new TextDecoderStream())) {
        text += chunk;
        for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
          const [, type, data] = /^event: (\w+)\ndata: (.*)$/.exec(text.slice(0, end)) ?? [];
          text = text.slice(end + 2);
          if (type && data) yield { type, data: JSON.parse(data) as unknown } as LiveEvent;
        }
      }
    } finally {
      controller.abort();
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const stream of this.#streams) stream.abort();
    await this.gallery.close({ dropDatabase: true });
    this.server.closeAllConnections();
    this.server.close();
    await this.uploads.destroy();
  }
}

let colours = 0;

export function pictureFile(name = 'picture.png', content: Buffer = png([++colours % 256, 99, 120])): File {
  return new File([new Uint8Array(content)], name, { type: 'image/png' });
}

export function formWith(images: number | File[], fields: Record<string, string | File> = {}): FormData {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) form.append(name, value);
  const files = typeof images === 'number' ? Array.from({ length: images }, () => pictureFile()) : images;
  for (const file of files) form.append('images', file);
  return form;
}
