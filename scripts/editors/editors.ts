/**
 * `npm run editors`: lets editors themselves write the fixtures of `spec/texts/editors`. They are installed into a temporary folder,
 * bundled there, and run in Chromium, as in an app. `-- --in DIR` installs them into that folder, which stays.
 */
import fse from 'fs-extra';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { format } from 'prettier';
import { chromiumPath, chromiumVersion, launchBrowser } from '../../spec/support/browser.js';
import { installManifest } from '../package/install.js';

const FIXTURES = path.join(__dirname, '../../spec/texts/editors');

/** The page of each editor, and the package whose version its fixtures name. */
const EDITORS: Record<string, string> = {
  tiptap: '@tiptap/core',
  quill: 'quill',
  editorjs: '@editorjs/editorjs',
  lexical: 'lexical',
  slate: 'slate',
  ckeditor: 'ckeditor5',
};

const INSTALL_MS = 600_000;

/** What a page answers. */
interface Output {
  readonly format: 'html' | 'json';
  readonly what: string;
  readonly value: unknown;
  readonly images: string[];
}

async function main(): Promise<void> {
  const executable = chromiumPath();
  if (executable === undefined) throw new Error('No Chromium: set CHROMIUM_PATH, or install it on the PATH.');
  console.log(chromiumVersion(executable));
  const { values } = parseArgs({ options: { in: { type: 'string' } } });
  const folder = values.in ? path.resolve(values.in) : await fse.mkdtemp(path.join(os.tmpdir(), 'editors-'));
  const browser = await launchBrowser(executable);
  try {
    await install(folder);
    await fse.ensureDir(FIXTURES);
    for (const [editor, name] of Object.entries(EDITORS)) {
      const { version } = (await fse.readJson(path.join(folder, 'node_modules', name, 'package.json'))) as {
        version: string;
      };
      const outputs = await outputsOf(editor, folder, browser);
      for (const output of outputs) checkNames(editor, output);
      const fixtures = outputs.map((output) => ({ editor, version, ...output }));
      const text = await format(JSON.stringify(fixtures), { parser: 'json', printWidth: 110 });
      await fse.writeFile(path.join(FIXTURES, `${editor}.json`), text);
      console.log(`${editor} ${version}: ${String(fixtures.length)} documents`);
    }
  } finally {
    await browser.close();
    if (!values.in) await fse.remove(folder);
  }
}

/** An editor that drops an image, or is driven wrongly, would write a fixture that proves nothing. */
function checkNames(editor: string, { what, value, images }: Output): void {
  const text = JSON.stringify(value).replaceAll('&amp;', '&');
  const lacking = images.filter((name) => !text.includes(name) && !text.includes(encodeURIComponent(name)));
  if (lacking.length > 0) throw new Error(`${editor} (${what}) has not written ${lacking.join(', ')}.`);
}

async function install(folder: string): Promise<void> {
  await fse.copy(__dirname, folder, { filter: (file) => !file.endsWith('.ts') });
  installManifest(folder, 'the editors', INSTALL_MS);
}

/** One page an editor, on an address of this machine, as some editors refuse sources on a page without one. */
async function outputsOf(editor: string, folder: string, browser: Browser): Promise<Output[]> {
  const script = await bundle(editor, folder);
  const server = createServer((request, response) => {
    if (request.url !== '/') response.writeHead(404).end();
    else response.setHeader('Content-Type', 'text/html; charset=utf-8').end('<!doctype html><body></body>');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const page = await browser.newPage();
  try {
    page.on('pageerror', (error) => {
      console.error(`${editor}: ${error.message}`);
    });
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}/`);
    await page.addScriptTag({ content: script });
    return await page.evaluate<Output[]>('written.write()');
  } finally {
    await page.close();
    server.close();
    server.closeAllConnections();
  }
}

/** The part of esbuild that is needed; the package is in the temporary folder only. */
interface Esbuild {
  build(options: Record<string, unknown>): Promise<{ outputFiles: { text: string }[] }>;
}

async function bundle(editor: string, folder: string): Promise<string> {
  const load = createRequire(path.join(folder, 'package.json'));
  const { build } = load('esbuild') as Esbuild;
  const { outputFiles } = await build({
    entryPoints: [path.join(folder, 'pages', `${editor}.js`)],
    bundle: true,
    write: false,
    format: 'iife',
    globalName: 'written',
    loader: { '.css': 'empty' },
    define: { 'process.env.NODE_ENV': '"production"' },
    logLevel: 'error',
  });
  return outputFiles[0]!.text;
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
