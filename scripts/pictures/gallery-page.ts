import fse from 'fs-extra';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { openGallery } from '../../examples/gallery/gallery.js';
import { withDatabase } from '../../spec/support/mongodb/uri.js';

export interface GalleryPage {
  readonly page: Page;
  close(): Promise<void>;
}

/** A gallery with a database and a folder of its own, and a page that shows it. */
export async function openGalleryPage(
  browser: Browser,
  mongodbUri: string,
  options: BrowserContextOptions,
): Promise<GalleryPage> {
  const dataFolder = await fse.mkdtemp(path.join(os.tmpdir(), 'gallery-'));
  const own = withDatabase(mongodbUri, `gallery_pictures_${path.basename(dataFolder).slice(-6)}`);
  const quiet = { warn: () => undefined, error: () => undefined };
  const gallery = await openGallery({ mongodbUri: own, dataFolder, logger: quiet });
  const server = createServer(gallery.app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const context = await browser.newContext({ locale: 'en-GB', ...options });
  const close = async (): Promise<void> => {
    await context.close();
    await gallery.close({ dropDatabase: true });
    server.close();
    server.closeAllConnections();
    await fse.remove(dataFolder);
  };
  try {
    const page = await context.newPage();
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    return { page, close };
  } catch (error) {
    await close();
    throw error;
  }
}
