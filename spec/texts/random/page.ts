import { marked } from 'marked';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Page } from 'playwright-core';
import { png } from '../../support/pictures.js';
import type { GeneratedText } from './generated-text.js';

/** Runs in the page: shows each text in an element of its own, so that what one leaves open ends with it. */
const SHOW = `
const addresses = { src: 'img', url: 'img', image: 'img' };
function show(node, place) {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (typeof value !== 'string') show(value, place);
    else if (key in addresses) put('img', { src: value }, place);
    else if (key === 'srcset') put('img', { srcset: value }, place);
    else if (key === 'poster' || key === 'video') put('video', { [key === 'video' ? 'src' : key]: value }, place);
    else if (key === 'html') put('div', { innerHTML: value }, place);
  }
}
function put(name, about, place) {
  place.append(Object.assign(document.createElement(name), about));
}
for (const { html, tree } of texts) {
  const place = document.body.appendChild(document.createElement('div'));
  if (html === undefined) show(tree, place);
  else place.innerHTML = html;
}
document.body.offsetHeight;
`;

/** Asks Chromium what it loads of texts: shows them on a page, and notes what the page requests of the server. */
export class TextPage {
  #html = '';
  #requested: string[] = [];

  private constructor(
    private readonly server: Server,
    private readonly page: Page,
    private readonly origin: string,
  ) {}

  static async open(browser: Browser): Promise<TextPage> {
    const picture = png();
    const server = createServer((request, response) => {
      const url = request.url ?? '';
      if (url === '/') response.setHeader('Content-Type', 'text/html; charset=utf-8').end(opened.#html);
      else {
        opened.#requested.push(url);
        // the next source of a video is asked for where the one before it failed
        const isMedia = ['video', 'audio'].includes(String(request.headers['sec-fetch-dest']));
        if (isMedia) response.writeHead(404).end();
        else
          response.writeHead(200, { 'Content-Type': 'image/png', 'Cache-Control': 'no-store' }).end(picture);
      }
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const origin = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const opened: TextPage = new TextPage(server, await browser.newPage(), origin);
    return opened;
  }

  /** Shows texts until the page has loaded, and with it nearly all that they show. */
  async show(texts: readonly GeneratedText[]): Promise<void> {
    const shown = texts.map(({ format, value }) => {
      if (format === 'json')
        return { tree: typeof value === 'string' ? (JSON.parse(value) as unknown) : value };
      const text = value as string;
      return { html: format === 'html' ? text : marked.parse(text, { async: false }) };
    });
    const json = JSON.stringify(shown).replaceAll('<', '\\u003c');
    this.#html = `<!doctype html><body><script>const texts = ${json};${SHOW}</script></body>`;
    await this.page.goto(`${this.origin}/`, { waitUntil: 'load' });
  }

  /** What was requested since this was asked last: paths with queries, as Chromium sends them. */
  takeRequests(): string[] {
    return this.#requested.splice(0);
  }

  async close(): Promise<void> {
    await this.page.close();
    this.server.close();
    this.server.closeAllConnections();
  }
}
