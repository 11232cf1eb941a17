import type { Request, Response } from 'express';
import { AsyncLocalStorage } from 'node:async_hooks';
import { watch, type FSWatcher } from 'node:fs';
import { Problem } from './problems.js';
import type { Line } from './sentences.js';

const MOST_LISTENERS = 50;
const REMEMBERED_LINES = 40;
/** Copying one file causes several change events of a folder. */
const SETTLE_MS = 30;
const HEARTBEAT_MS = 20_000;

/**
 * Tells every open page, by server-sent events, the current state of folder and documents (`state`) and what happened
 * (`line`).
 */
export class Live {
  readonly #readState: () => Promise<unknown>;
  readonly #listeners = new Set<Response>();
  readonly #lines: (Line & { id: string; at: string })[] = [];
  readonly #duringRequest = new AsyncLocalStorage<Line[]>();
  readonly #started = Date.now().toString(36);
  readonly #heartbeat: NodeJS.Timeout;
  #watcher: FSWatcher | undefined;
  #timer: NodeJS.Timeout | undefined;
  #count = 0;
  #isClosed = false;

  constructor(folder: string, readState: () => Promise<unknown>) {
    this.#readState = readState;
    this.#heartbeat = setInterval(() => {
      for (const listener of this.#listeners) listener.write(': still here\n\n');
    }, HEARTBEAT_MS).unref();
    this.#watch(folder);
  }

  /** Adds a page that listens. */
  async listen(request: Request, response: Response): Promise<void> {
    if (this.#listeners.size >= MOST_LISTENERS) throw new Problem(503, 'Too many pages are open.');
    const state = await this.#readState();
    // A page that came while the gallery was being stopped would wait forever.
    if (this.#isClosed) throw new Problem(503, 'The gallery was stopped.');
    response.set({ 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' }).flushHeaders();
    send(response, 'state', state);
    send(response, 'lines', this.#lines);
    this.#listeners.add(response);
    request.once('close', () => {
      this.#listeners.delete(response);
    });
  }

  tell(line: Line): void {
    this.#duringRequest.getStore()?.push(line);
    const told = { ...line, id: `${this.#started}-${String(++this.#count)}`, at: new Date().toISOString() };
    this.#lines.push(told);
    if (this.#lines.length > REMEMBERED_LINES) this.#lines.shift();
    for (const listener of this.#listeners) send(listener, 'line', told);
    this.changed();
  }

  /** Runs `act` and collects the lines that were added while it ran, only of its own writes and not of other requests. */
  async gather<T>(act: () => Promise<T>): Promise<{ result: T; lines: Line[] }> {
    const lines: Line[] = [];
    const result = await this.#duringRequest.run(lines, act);
    return { result, lines: [...lines] };
  }

  /** Folder, documents or switches have changed: every page soon gets the new state. */
  changed(): void {
    if (this.#listeners.size === 0) return;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      void this.#sendState();
    }, SETTLE_MS);
  }

  close(): void {
    this.#isClosed = true;
    clearInterval(this.#heartbeat);
    clearTimeout(this.#timer);
    this.#watcher?.close();
    for (const listener of this.#listeners) listener.end();
    // in Node 20, a storage that was used makes every promise of the process slower
    this.#duringRequest.disable();
    this.#listeners.clear();
  }

  async #sendState(): Promise<void> {
    const state = await this.#readState();
    for (const listener of this.#listeners) send(listener, 'state', state);
  }

  /**
   * Detects changes that other programs make to the folder. If the system cannot watch it, only changes of the gallery
   * are detected.
   */
  #watch(folder: string): void {
    try {
      this.#watcher = watch(folder, { persistent: false }, () => {
        this.changed();
      }).on('error', () => undefined);
    } catch {
      this.#watcher = undefined;
    }
  }
}

function send(listener: Response, event: string, data: unknown): void {
  listener.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}
