import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';

interface Album {
  readonly _id: string;
  readonly image: string;
}

/** More than any of the apps accepts. */
const TOO_LARGE_BYTES = 6 * 1024 * 1024;

/** The requests of one app over HTTP, and the folder after each of them. */
export class Scenario {
  readonly #url: string;
  readonly #uploads: string;
  /** What the folder should hold: the pictures' contents. */
  #expected: string[] = [];
  steps = 0;

  constructor(url: string, uploads: string) {
    this.#url = url;
    this.#uploads = uploads;
  }

  /** `limitsSize`: whether the app refuses large files itself. */
  async run({ limitsSize }: { limitsSize: boolean }): Promise<void> {
    const album = await this.#step('upload', ['first'], () => this.#send('POST', '/albums', form('first')));
    await this.#step('change the title', ['first'], () =>
      this.#send('PATCH', `/albums/${album._id}`, { title: 'Roma' }),
    );
    const copy = await this.#step('share the file', ['first'], () =>
      this.#send('POST', `/albums/${album._id}/copies`, {}),
    );
    assert.equal(copy.image, album.image);
    const replace = (content: string) => () => this.#send('PUT', `/albums/${album._id}/image`, form(content));
    await this.#step('replace the shared file', ['first', 'second'], replace('second'));
    await this.#step('replace a file', ['first', 'third'], replace('third'));
    await this.#refuse('POST', '/albums', form('lost', ''), 400);
    await this.#refuse('PUT', `/albums/${'0'.repeat(24)}/image`, form('lost'), 404);
    if (limitsSize) await this.#refuse('POST', '/albums', form('x'.repeat(TOO_LARGE_BYTES)), 413);
    await this.#step('delete the copy', ['third'], () => this.#send('DELETE', `/albums/${copy._id}`));
    await this.#step('delete the album', [], () => this.#send('DELETE', `/albums/${album._id}`));
  }

  async #step(what: string, expected: string[], act: () => Promise<Response>): Promise<Album> {
    const response = await act();
    const text = await response.text();
    assert.ok(response.ok, `${what}: ${String(response.status)} ${text}`);
    this.#expected = expected;
    await this.#checkFolder(what);
    return (text === '' ? undefined : JSON.parse(text)) as Album;
  }

  /** A request that fails leaves the folder as it is. */
  async #refuse(method: string, url: string, body: FormData, status: number): Promise<void> {
    const response = await this.#send(method, url, body);
    const text = await response.text();
    assert.equal(response.status, status, text);
    await this.#checkFolder(`a request answered by ${String(status)}`);
  }

  async #checkFolder(what: string): Promise<void> {
    const names = await readdir(this.#uploads);
    const contents = await Promise.all(names.map((name) => readFile(path.join(this.#uploads, name), 'utf8')));
    const shown = contents.map((content) => content.slice(0, 20)).sort();
    assert.deepEqual(shown, this.#expected, `the folder after: ${what}`);
    this.steps++;
  }

  #send(method: string, url: string, body?: FormData | object): Promise<Response> {
    const isForm = body instanceof FormData;
    return fetch(`${this.#url}${url}`, {
      method,
      // no request may meet a connection that the app is about to close
      headers: { connection: 'close', ...(body && !isForm && { 'content-type': 'application/json' }) },
      ...(body && { body: isForm ? body : JSON.stringify(body) }),
    });
  }
}

/** What a browser sends: every upload has the same name. */
function form(content: string, title = 'Rome'): FormData {
  const data = new FormData();
  data.set('title', title);
  data.set('image', new File([content], 'photo.png', { type: 'image/png' }));
  return data;
}
