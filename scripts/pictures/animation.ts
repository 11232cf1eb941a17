/**
 * `npm run animation`: the gallery in motion, `docs/images/gallery.webp`: an album is deleted, its files wait in the bin, it is undone;
 * then an image is replaced, and its old file leaves the folder. sharp encodes it, installed into a temporary folder
 * (`-- --in DIR`: into that one, which stays).
 */
import fse from 'fs-extra';
import { createRequire } from 'node:module';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { chromiumPath, chromiumVersion, launchBrowser } from '../../spec/support/browser.js';
import { installManifest } from '../package/install.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { openGalleryPage } from './gallery-page.js';
import { Recorder, type Frame } from './recorder.js';
import { addAlbum, prepareStage, STAGE } from './stage.js';

const FILE = path.join(__dirname, '../../docs/images/gallery.webp');
const LARGEST = 500_000;
const INSTALL_MS = 300_000;

async function main(): Promise<void> {
  const executable = chromiumPath();
  if (executable === undefined) throw new Error('No Chromium: set CHROMIUM_PATH, or install it on the PATH.');
  console.log(chromiumVersion(executable));
  const { values } = parseArgs({ options: { in: { type: 'string' } } });
  const folder = values.in
    ? path.resolve(values.in)
    : await fse.mkdtemp(path.join(os.tmpdir(), 'animation-'));
  const mongodb = await startMongoDB();
  const browser = await launchBrowser(executable);
  try {
    const sharp = await install(folder);
    const gallery = await openGalleryPage(browser, mongodb.uri, {
      viewport: STAGE,
      colorScheme: 'light',
      deviceScaleFactor: 1.5,
      bypassCSP: true, // for the caption and the pointer
    });
    const frames = await record(gallery.page).finally(gallery.close);
    const webp = await encode(sharp, frames);
    const seconds = frames.reduce((sum, { delay }) => sum + delay, 0) / 1000;
    const about = `${String(frames.length)} frames, ${seconds.toFixed(1)} s, ${String(Math.round(webp.length / 1000))} kB`;
    if (webp.length > LARGEST)
      throw new Error(`gallery.webp is larger than ${String(LARGEST / 1000)} kB: ${about}`);
    await fse.writeFile(FILE, webp);
    console.log(`docs/images/gallery.webp  ${about}`);
  } finally {
    await browser.close();
    await mongodb.stop();
    if (!values.in) await fse.remove(folder);
  }
}

async function record(page: Page): Promise<Frame[]> {
  const album = (title: string) => page.getByRole('article', { name: title });
  await prepareStage(page);
  for (const [title, images] of [
    ['Dunes', 2],
    ['Harbour', 1],
  ] as const) {
    await addAlbum(page, images);
    await album(title).waitFor();
  }
  const recorder = new Recorder(page);
  await recorder.caption('Two albums, three files in the folder');
  await recorder.frame(1400);
  await deleteAndUndo(page, recorder);
  await replaceCover(page, recorder);
  await recorder.frame(2000);
  return recorder.frames;
}

async function deleteAndUndo(page: Page, recorder: Recorder): Promise<void> {
  await recorder.caption('Delete an album');
  await recorder.click(page.getByLabel('Delete Dunes'));
  await recorder.click(page.getByRole('button', { name: 'Delete findByIdAndDelete' }));
  await page.locator('.bin-entry').waitFor();
  await recorder.caption('Its files stay for 20 seconds');
  await recorder.watch(2500);
  await recorder.click(page.getByRole('button', { name: 'Undo: Dunes' }));
  await page.getByRole('article', { name: 'Dunes' }).waitFor();
  await recorder.caption('Undo: the files are in use again');
  await recorder.watch(2000);
}

async function replaceCover(page: Page, recorder: Recorder): Promise<void> {
  const label = page.locator('.button', { has: page.getByLabel('Replace cover of Harbour') });
  await recorder.caption('Replace an image');
  await recorder.pointTo(label);
  await recorder.frame(400);
  const picture = await samplePicture(page);
  await page.getByLabel('Replace cover of Harbour').setInputFiles(picture);
  await page.locator('.bin-entry').waitFor();
  await recorder.caption('The old file stays for 20 seconds, too');
  await recorder.watch(1500);
  await recorder.click(page.getByRole('button', { name: 'Remove now: Old cover of Harbour' }));
  await page.locator('.file.leaving').waitFor();
  await recorder.caption('The old file is removed');
  await recorder.watch(1200, 150);
}

/** A file as a visitor would choose it. */
async function samplePicture(page: Page): Promise<{ name: string; mimeType: string; buffer: Buffer }> {
  const base64 = await page.evaluate<string>(`(async () => {
    const { samplePicture } = await import('./sample.js');
    const bytes = new Uint8Array(await (await samplePicture()).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
  })()`);
  return { name: 'picture.png', mimeType: 'image/png', buffer: Buffer.from(base64, 'base64') };
}

/** The part of sharp that is needed; the package is in the temporary folder only. */
type Sharp = (
  input: Buffer[],
  options: { join: { animated: boolean } },
) => { webp(options: Record<string, unknown>): { toBuffer(): Promise<Buffer> } };

async function install(folder: string): Promise<Sharp> {
  await fse.copy(path.join(__dirname, 'package.json'), path.join(folder, 'package.json'));
  installManifest(folder, 'sharp, which encodes the animation', INSTALL_MS);
  return createRequire(path.join(folder, 'package.json'))('sharp') as Sharp;
}

async function encode(sharp: Sharp, frames: readonly Frame[]): Promise<Buffer> {
  return sharp(
    frames.map(({ png }) => png),
    { join: { animated: true } },
  )
    .webp({
      loop: 0,
      delay: frames.map(({ delay }) => delay),
      quality: 80,
      effort: 6,
      mixed: true,
      minSize: true,
    })
    .toBuffer();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
