import { join } from 'node:path';
import { here } from '../providers/this-file.js';
import { loaderOf } from '../shared/optional-peer.js';

/** The optional peers that read texts, with versions that are known to work. */
const PACKAGES = { html: 'htmlparser2@12', markdown: 'marked@18' } as const;

export type Parser = keyof typeof PACKAGES;

/** Beside this package, or beside the app. */
export type Places = readonly (string | undefined)[];

/** Returns what loads a parser when it is used; `undefined` if it is not installed. */
export function findParser(parser: Parser, places: Places = defaultPlaces()): (() => unknown) | undefined {
  return loaderOf(nameOf(parser), places);
}

/** @throws Error with the install command if a parser of a format is missing. `needs` says what needs it. */
export function requireParsers(needs: string, parsers: readonly Parser[], places?: Places): void {
  const missing = parsers.filter((parser) => !findParser(parser, places));
  if (missing.length === 0) return;
  const names = missing.map((one) => `"${nameOf(one)}"`).join(' and ');
  const isOrAre = missing.length === 1 ? 'the package' : 'the packages';
  throw new Error(
    `imageCleanup: ${needs} needs ${isOrAre} ${names}, not installed here; ` +
      `run \`npm install ${missing.map((one) => PACKAGES[one]).join(' ')}\``,
  );
}

function nameOf(parser: Parser): string {
  return PACKAGES[parser].split('@')[0]!;
}

function defaultPlaces(): Places {
  return [here, join(process.cwd(), 'package.json')];
}
