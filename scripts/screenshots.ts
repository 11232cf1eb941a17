/** `npm run screenshots`: pictures of the gallery for the README, small enough to keep in the repository. */
import fse from 'fs-extra';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromiumPath, chromiumVersion, launchBrowser } from '../spec/support/browser.js';
import { startMongoDB } from '../spec/support/mongodb/index.js';
import { openGalleryPage } from './pictures/gallery-page.js';

const FOLDER = path.join(__dirname, '../docs/images');
const LARGEST = 150_000;
const QUALITY = 72;

const SHOTS: Record<string, BrowserContextOptions> = {
  'gallery-light': { viewport: { width: 1280, height: 960 }, colorScheme: 'light' },
  'gallery-dark': { viewport: { width: 1280, height: 960 }, colorScheme: 'dark' },
  'gallery-phone': { viewport: { width: 360, height: 780 }, colorScheme: 'light', deviceScaleFactor: 1.5 },
};

async function main(): Promise<void> {
  const executable = chromiumPath();
  if (executable === undefined) throw new Error('No Chromium: set CHROMIUM_PATH, or install it on the PATH.');
  console.log(chromiumVersion(executable));
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  const browser = await launchBrowser(executable);
  try {
    await fse.ensureDir(FOLDER);
    for (const [name, options] of Object.entries(SHOTS)) {
      const file = path.join(FOLDER, `${name}.jpg`);
      await shoot(browser, mongodb.uri, options, file);
      const { size } = await fse.stat(file);
      console.log(`${path.relative(process.cwd(), file)}  ${String(Math.round(size / 1000))} kB`);
      if (size > LARGEST) throw new Error(`${name} is larger than ${String(LARGEST / 1000)} kB`);
    }
  } finally {
    await browser.close();
    await mongodb.stop();
  }
}

/** Each picture has a gallery of its own, brought to the same state. */
async function shoot(
  browser: Browser,
  mongodbUri: string,
  options: BrowserContextOptions,
  file: string,
): Promise<void> {
  const gallery = await openGalleryPage(browser, mongodbUri, { reducedMotion: 'reduce', ...options });
  try {
    await play(gallery.page);
    await gallery.page.screenshot({ path: file, type: 'jpeg', quality: QUALITY });
  } finally {
    await gallery.close();
  }
}

/** A few minutes of a curious user, so that the picture shows every kind of outcome. */
async function play(page: Page): Promise<void> {
  const said = (text: string) => page.locator('#said').filter({ hasText: text }).waitFor();
  const album = (title: string) => page.getByRole('article', { name: title });
  for (const title of ['Dunes', 'Harbour', 'Orchard', 'Glacier']) {
    await page.getByRole('button', { name: 'Add a sample album' }).click();
    await said(`“${title}” was created`);
    await album(title).waitFor();
  }
  await page.getByLabel('Share cover of Dunes').click();
  await page.getByRole('button', { name: 'with Harbour' }).click();
  await said('is now also in the gallery of “Harbour”');
  await page.getByRole('button', { name: 'Upload without saving' }).click();
  await said('its form is not sent');
  await page.getByRole('radio', { name: 'denies permission' }).check();
  await page.getByRole('button', { name: 'Remove if unused' }).click();
  await said('1 file failed');
  await page.getByRole('radio', { name: 'works', exact: true }).check();
  await said('The storage works.');
  await page.getByLabel('Delete Dunes').click();
  await page.getByRole('button', { name: 'Delete permanently' }).click();
  await said('“Dunes” was deleted permanently');
  await album('Dunes').waitFor({ state: 'detached' });
  await page.locator('.line').nth(5).waitFor();
  await page.getByLabel('Take out image 1 of 3 of Orchard').click();
  await said('1 file will be removed in 20 seconds');
  await page.getByLabel('Delete Glacier').click();
  await page.getByRole('button', { name: 'Delete findByIdAndDelete' }).click();
  await said('“Glacier” was deleted');
  await page.locator('.bin-entry').nth(1).waitFor();
  await page.mouse.move(0, 0);
  // a phone shows the documents, a desk everything
  await page.locator('.line.kept').scrollIntoViewIfNeeded();
  const isPhone = page.viewportSize()!.width < 600;
  await page.locator(isPhone ? '#albums' : 'body').evaluate((one) => {
    one.scrollIntoView();
  });
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
