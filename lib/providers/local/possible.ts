import { decodeOnce, withoutIgnored } from '../address.js';
import { isBare, mayBeBare, type Beginning, type Rules, mayHaveQuery } from './folder.js';
import { problemOf, resolved } from './names.js';

/** At how many `?` and `#` a name may end. A value with more of them is not an address. */
const MOST_CUTS = 3;

/** A path that resolving does not change, which saves most values the parser. */
const PLAIN_PATH = /^(?:\/[\w-][\w.-]*)+$/;

/** A name that reads the same in every encoding, like that of most uploads. */
const PLAIN_NAME = /^[\w-][\w.-]*$/;

/** A host that no value can have. */
const NOWHERE = 'nowhere.invalid';

/**
 * Every name that a browser, a file server or the app itself could read in the text, the likelier ones first: with
 * scheme, host and base in upper or lower case, and with or without its escapes, `.` segments, doubled slashes, line
 * breaks and query. Never a name outside of the root.
 */
export function possibleNames(text: string, rules: Rules): string[] {
  if (PLAIN_NAME.test(text) && !rules.isWindows) return problemOf(text, rules) === null ? [text] : [];
  const names = new Set<string>();
  const add = (path: string): void => {
    const name = resolved(path);
    if (name !== null && problemOf(name, rules) === null) names.add(name);
  };
  const cleaned = withoutIgnored(text);
  // if a template writes something before the text, ignored characters at its beginning are kept
  const both = new Set([cleaned, text]);
  for (const one of both) {
    for (const beginning of rules.beginnings) {
      if (!one.startsWith(beginning.text) || (beginning.text === '' && !mayBeBare(one))) continue;
      for (const path of readAfter(beginning, one.slice(beginning.text.length))) add(path);
    }
  }
  for (const one of both) servedPaths(one, rules).forEach(add);
  if (isBare(cleaned)) filePaths(resolvedPath(cleaned), rules).forEach(add);
  return [...names];
}

function readAfter(beginning: Beginning, rest: string): string[] {
  if (!mayHaveQuery(beginning)) return [rest.replaceAll('\\', '/'), rest];
  const readings = cutsOf(rest).flatMap((cut) => [
    decodeOnce(cut.replaceAll('\\', '/')),
    cut,
    decodeOnce(cut),
  ]);
  return beginning.writing === 'escaped' ? [rest, ...readings] : readings;
}

/**
 * The text up to its first `?` or `#`, as a browser reads it; then up to later ones, since these may belong to the
 * name.
 */
function cutsOf(text: string): string[] {
  const cuts: string[] = [];
  for (let at = 0; cuts.length < MOST_CUTS;) {
    const end = text.slice(at).search(/[?#]/);
    if (end === -1) break;
    cuts.push(text.slice(0, at + end));
    at += end + 1;
  }
  return [...cuts, text];
}

/**
 * The path that a browser asks the server for, below the base: dot segments are resolved, `\` is `/`, escapes are
 * decoded once. Then the paths for which a `?`, a `#` or an escape is a part of the name.
 */
function servedPaths(text: string, rules: Rules): string[] {
  const base = decodeOnce(rules.basePath).toLowerCase();
  const paths = addressesIn(text, rules).flatMap((address) => [
    ...pathsOf(address, rules),
    ...(/[?#]/.test(address) ? cutsOf(address).flatMap((cut) => literalPaths(cut, rules)) : []),
  ]);
  return paths.flatMap((path) => {
    const whole = path.replace(/\/{2,}/g, '/');
    const isBelow = whole.slice(0, base.length).toLowerCase() === base && whole[base.length] === '/';
    return isBelow ? [whole.slice(base.length + 1)] : [];
  });
}

/** With `?` and `#` as parts of the path. */
function literalPaths(address: string, rules: Rules): string[] {
  // the `#` at the end keeps a space before it, which would otherwise be ignored
  if (!/[?#]/.test(address)) return pathsOf(`${address}#`, rules);
  const path = pathOf(`${address.replaceAll('?', '%3F').replaceAll('#', '%23')}#`, rules);
  return path === null ? [] : [decodeOnce(path)];
}

function pathsOf(address: string, rules: Rules): string[] {
  const path = pathOf(address, rules);
  if (path === null) return [];
  return address.includes('%') ? [decodeOnce(path), path] : [decodeOnce(path)];
}

/** The text as an address, and the addresses that a template makes of a path. */
function addressesIn(text: string, { basePath, hosts }: Rules): string[] {
  if (/^(?:https?:|[/\\])/i.test(text)) return [text];
  const behindScheme = hosts.length > 0 ? [`https://${text}`] : [];
  return isBare(text) ? [`/${text}`, `${basePath}/${text}`, ...behindScheme] : behindScheme;
}

/** The path of an address on one of the folder's hosts, or on no host. */
function pathOf(address: string, { hosts }: Rules): string | null {
  if (PLAIN_PATH.test(address)) return address;
  try {
    const url = new URL(address, `http://${NOWHERE}`);
    const isOurs =
      url.host === NOWHERE || hosts.some((host) => new URL(`${url.protocol}//${host}`).host === url.host);
    return isOurs ? url.pathname : null;
  } catch {
    return null;
  }
}

/** A relative path with `/` and without `.` segments. A `..` that leads out of the folder stays. */
function resolvedPath(text: string): string {
  const kept: string[] = [];
  for (const segment of text.replaceAll('\\', '/').split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment === '..' && kept.length > 0 && kept.at(-1) !== '..') kept.pop();
    else kept.push(segment);
  }
  return kept.join('/');
}

function filePaths(path: string, { fromHere }: Rules): string[] {
  return fromHere !== null && path.startsWith(`${fromHere}/`)
    ? [path.slice(fromHere.length + 1), path]
    : [path];
}
