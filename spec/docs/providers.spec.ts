import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import ts from 'typescript';
import type { StorageProvider } from '../../lib/index.js';
import { providerContract } from '../../lib/testing/index.js';

type MakeProvider = (options: { baseUrl: string; token: string }) => StorageProvider;

/** The provider of the documentation, as it stands there. */
function documented(): { lines: number; cdnProvider: MakeProvider } {
  const text = readFileSync('docs/providers.md', 'utf8');
  const [, code = ''] = /<!-- tested by [^>]* -->\s*```ts\n([\s\S]*?)```/.exec(text) ?? [];
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: { module: ts.ModuleKind.CommonJS, target: ts.ScriptTarget.ES2022 },
  });
  const module = { exports: {} as { cdnProvider: MakeProvider } };
  new Function('module', 'exports', outputText)(module, module.exports);
  return { lines: code.trim().split('\n').length, ...module.exports };
}

/** A server that keeps files by their path and answers DELETE. */
class Cdn {
  readonly files = new Set<string>();
  #fault: 'fail' | 'hang' | null = null;
  readonly #server: Server = createServer((request, response) => {
    if (this.#fault === 'hang') return;
    const isAllowed = request.headers.authorization === 'Bearer secret' && request.method === 'DELETE';
    const removed = this.#fault === null && isAllowed && this.files.delete(request.url!.slice(1));
    response.writeHead(this.#fault === 'fail' ? 500 : removed ? 204 : isAllowed ? 404 : 401).end();
  });

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async start(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  answer(fault: 'fail' | 'hang'): void {
    this.#fault = fault;
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }
}

describe('docs/providers.md', () => {
  let cdn: Cdn;

  it('writes a provider in some 40 lines', () => {
    expect(documented().lines).to.be.within(30, 45);
  });

  providerContract('the one of docs/providers.md', {
    async create() {
      cdn = await new Cdn().start();
      return documented().cdnProvider({ baseUrl: cdn.url, token: 'secret' });
    },
    seed(_provider, label) {
      cdn.files.add(label);
      return [`${cdn.url}/${label}`, `${cdn.url}/${label}?v=2`];
    },
    exists: (_provider, label) => cdn.files.has(label),
    foreignValues: [
      '',
      '/uploads/a.png',
      'https://example.com/a.png',
      'http://127.0.0.1/a.png',
      { key: 'a.png' },
    ],
    fail: () => cdn.answer('fail'),
    hang: () => cdn.answer('hang'),
    destroy: () => cdn.stop(),
  });
});
