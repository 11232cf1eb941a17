/**
 * `npm run figures`: renders the Mermaid sources in the docs to `docs/images/*.svg`, since npm's page does not render Mermaid.
 * Mermaid is installed into a temporary folder and runs in Chromium. `-- --in DIR` installs it into that folder, which stays.
 */
import fse from 'fs-extra';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { Browser } from 'playwright-core';
import { chromiumPath, chromiumVersion, launchBrowser } from '../../spec/support/browser.js';
import { installManifest } from '../package/install.js';
import { figures, fingerprintOf, pictureOf, type Figure } from './sources.js';
import { FONT, STYLE } from './style.js';

const INSTALL_MS = 300_000;

/** At this width the text has 10 pixels on a phone of 360. */
const WIDEST = 490;
const PADDING = 12;

async function main(): Promise<void> {
  const executable = chromiumPath();
  if (executable === undefined) throw new Error('No Chromium: set CHROMIUM_PATH, or install it on the PATH.');
  console.log(chromiumVersion(executable));
  const { values } = parseArgs({ options: { in: { type: 'string' } } });
  const folder = values.in ? path.resolve(values.in) : await fse.mkdtemp(path.join(os.tmpdir(), 'figures-'));
  const browser = await launchBrowser(executable);
  try {
    await install(folder);
    for (const figure of figures()) {
      const { svg, width, height } = await render(browser, folder, figure);
      if (width > WIDEST) throw new Error(`${figure.name} is ${String(width)} wide, too much for a phone`);
      await fse.writeFile(pictureOf(figure), svg);
      const kB = (Buffer.byteLength(svg) / 1000).toFixed(1);
      console.log(`docs/images/${figure.name}.svg  ${String(width)} × ${String(height)}, ${kB} kB`);
    }
  } finally {
    await browser.close();
    if (!values.in) await fse.remove(folder);
  }
}

async function install(folder: string): Promise<void> {
  await fse.copy(path.join(__dirname, 'package.json'), path.join(folder, 'package.json'));
  installManifest(folder, 'Mermaid', INSTALL_MS);
}

interface Picture {
  readonly svg: string;
  readonly width: number;
  readonly height: number;
}

/** What `draw` of pages/draw.js takes. */
interface DrawOptions {
  readonly id: string;
  readonly source: string;
  readonly fingerprint: string;
  readonly padding: number;
  readonly style: string;
  readonly font: string;
}

async function render(browser: Browser, folder: string, figure: Figure): Promise<Picture> {
  const page = await browser.newPage();
  try {
    await page.addScriptTag({ path: path.join(folder, 'node_modules/mermaid/dist/mermaid.min.js') });
    await page.addScriptTag({ path: path.join(__dirname, 'pages/draw.js') });
    const options: DrawOptions = {
      id: `figure-${figure.name}`,
      source: figure.source,
      fingerprint: fingerprintOf(figure),
      padding: PADDING,
      style: STYLE,
      font: FONT,
    };
    return await page.evaluate<Picture>(`draw(${JSON.stringify(options)})`);
  } finally {
    await page.close();
  }
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
