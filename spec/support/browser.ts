import fse from 'fs-extra';
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { chromium, type Browser, type LaunchOptions } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'chrome'];

/** The system's Chromium: `CHROMIUM_PATH`, or by its usual names on the PATH. */
export function chromiumPath(): string | undefined {
  const given = process.env['CHROMIUM_PATH'];
  if (given) return given;
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter(Boolean);
  const places = folders.flatMap((folder) => NAMES.map((name) => path.join(folder, name)));
  return places.find((place) => fse.existsSync(place));
}

/** A browser that talks to nobody but the page under test. Its profile is new and goes with it. */
export async function launchBrowser(executablePath: string, options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath,
    headless: true,
    args: [
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      ...(isRoot() ? ['--no-sandbox'] : []),
    ],
    ...options,
  });
}

/** Chromium has no sandbox for root, as in most containers. */
function isRoot(): boolean {
  return process.getuid?.() === 0;
}

export function chromiumVersion(executablePath: string): string {
  return execFileSync(executablePath, ['--version'], { encoding: 'utf8' }).trim();
}
