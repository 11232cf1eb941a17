import { withoutIgnored } from '../address.js';
import type { KeptReason } from '../provider.js';
import { isDelivered, splitExtension } from './formats.js';
import { hostKind, SCHEMES } from './hosts.js';
import type { Delivery } from './hosts.js';
import { isDeliveryType, isPublicId, isResourceType, isVersion } from './public-id.js';
import type { ResourceType, Target } from './public-id.js';

/**
 * What a delivery URL says. `possible` has every asset that it could mean, even if none is certain enough to be
 * removed.
 *
 * The grammar, as `cloudinary.url()` of the SDK writes it (optional parts in brackets):
 *
 *     scheme://host[/cloud]/prefix[/s--signature--][/transformation]…[/vversion]/public id[/SEO suffix][.format][?…]
 *
 * All functions pass over the segments of a path once. The values are user data, so no regular expression that could
 * backtrack is applied to them.
 */
export interface UrlReading {
  readonly target: Target | null;
  /** Why there is no certain target; `null` if the URL does not belong to this cloud. */
  readonly reason: KeptReason | null;
  readonly possible: readonly Target[];
}

/** What the beginning of a path says, and the segments that follow. */
interface Prefix {
  readonly resourceType: ResourceType;
  readonly type: Target['type'];
  /** `seo`: a suffix for search engines follows the id. `root`: a suffix may follow. */
  readonly ending: 'plain' | 'seo' | 'root';
  readonly rest: readonly string[];
}

const WORDS: Readonly<Record<string, Omit<Prefix, 'rest'>>> = {
  images: { resourceType: 'image', type: 'upload', ending: 'seo' },
  private_images: { resourceType: 'image', type: 'private', ending: 'seo' },
  authenticated_images: { resourceType: 'image', type: 'authenticated', ending: 'seo' },
  videos: { resourceType: 'video', type: 'upload', ending: 'seo' },
  files: { resourceType: 'raw', type: 'upload', ending: 'seo' },
  iu: { resourceType: 'image', type: 'upload', ending: 'plain' },
};

// Cloudinary's transformation parameters. Other segments of this form are not certain, since a folder may have such a
// name.
const PARAMETERS = new Set(
  'a ac af ar b bl bo br c co cs d dl dn dpr du e eo f fl fn fps g h if ki l o p pg q r so sp t u vc vs w x y z'.split(
    ' ',
  ),
);

/** Longer than every URL of an asset without its query, whatever its transformations. */
const LONGEST = 16_384;

const NOT_OURS: UrlReading = { target: null, reason: null, possible: [] };

/** Reads a string as a delivery URL of this cloud; `null` if it is not a URL. */
export function readUrl(text: string, delivery: Delivery, rootPath: boolean): UrlReading | null {
  const written = text.slice(0, LONGEST);
  const scheme = SCHEMES.find((one) => written.startsWith(one));
  const [host = '', ...path] = scheme ? withoutQuery(written.slice(scheme.length)).split('/') : [];
  if (!scheme || host !== bareHost(host)) return readOddUrl(written, delivery, rootPath);
  const prefix = prefixOf(path, hostKind(host, delivery), delivery);
  if (!prefix) return NOT_OURS;
  const possible = everyReading(prefix);
  const found = certain(prefix, rootPath);
  return typeof found === 'string'
    ? { target: null, reason: found, possible }
    : { target: found, reason: null, possible };
}

/** A spelling that the question does not ask for. What a browser makes of it says what it could mean. */
function readOddUrl(text: string, delivery: Delivery, rootPath: boolean): UrlReading | null {
  const address = withoutIgnored(text).replaceAll('\\', '/');
  const [whole, scheme = '', host = ''] = /^((?:https?:)?\/\/)([^/?#]*)/i.exec(address) ?? [];
  if (whole === undefined) return null;
  if (!hostKind(bareHost(host), delivery)) return NOT_OURS;
  const plain = scheme.toLowerCase() + bareHost(host) + address.slice(whole.length);
  const { target = null, possible = [] } = readUrl(plain, delivery, rootPath) ?? {};
  return { target: null, reason: 'not canonical', possible: target ? [target, ...possible] : possible };
}

function withoutQuery(text: string): string {
  const end = text.search(/[?#]/);
  return end === -1 ? text : text.slice(0, end);
}

function bareHost(host: string): string {
  const name = host.slice(host.lastIndexOf('@') + 1).toLowerCase();
  return name.split(':')[0] ?? '';
}

function prefixOf(
  path: readonly string[],
  kind: ReturnType<typeof hostKind>,
  { cloud }: Delivery,
): Prefix | null {
  const [first = '', ...rest] = path;
  if (kind === 'private') return prefixWord(path) ?? rootPrefix(path);
  if (kind === null) return null;
  if (first === cloud) return prefixWord(rest) ?? rootPrefix(rest);
  return kind === 'domain' ? prefixWord(path) : null;
}

function prefixWord([first = '', second = '', ...rest]: readonly string[]): Prefix | null {
  if (isResourceType(first)) {
    return isDeliveryType(second) ? { resourceType: first, type: second, ending: 'plain', rest } : null;
  }
  return Object.hasOwn(WORDS, first) ? { ...WORDS[first]!, rest: [second, ...rest] } : null;
}

/** Public images are also delivered without any prefix, unless the segment is the name of another kind of delivery. */
function rootPrefix(path: readonly string[]): Prefix | null {
  if (isResourceType(path[0])) return null;
  return { resourceType: 'image', type: 'upload', ending: 'root', rest: path };
}

/** The only asset that a URL can mean, or why it is not certain. */
function certain(prefix: Prefix, rootPath: boolean): Target | KeptReason {
  const path = isSignature(prefix.rest[0] ?? '') ? prefix.rest.slice(1) : prefix.rest;
  const [id, hasVersion] = splitVersion(path);
  if (path.some((one) => one === '')) return 'not canonical';
  if (id.length === 0) return 'ambiguous';
  const suffixed = prefix.ending === 'seo';
  const before = hasVersion ? path.slice(0, path.length - id.length - 1) : id.slice(0, leading(id));
  if (!before.every(isTransformation)) return 'ambiguous';
  const named = hasVersion ? id : id.slice(before.length);
  // The SDK writes a version before every id with a folder. Without a version, `u_2/a/b` may be in a folder `u_2`.
  if (!hasVersion && before.length > 0 && named.length > (suffixed ? 2 : 1)) return 'ambiguous';
  if (named.some(isVersion)) return 'ambiguous';
  if (prefix.ending === 'root' && named.length > 1 && (!rootPath || namesDelivery(named))) return 'ambiguous';
  if (suffixed && named.length < 2) return 'ambiguous';
  return targetOf(prefix, suffixed ? named.slice(0, -1) : named, !suffixed);
}

/** The segments after the first version, and whether there is one. */
function splitVersion(path: readonly string[]): [readonly string[], boolean] {
  const at = path.findIndex(isVersion);
  return at === -1 ? [path, false] : [path.slice(at + 1), true];
}

/** How many segments at the beginning look like transformations; the last segment always belongs to the id. */
function leading(path: readonly string[]): number {
  const at = path.findIndex((one, i) => i === path.length - 1 || !looksLikeTransformation(one));
  return Math.max(at, 0);
}

function isSignature(segment: string): boolean {
  return /^s--(?:[A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--$/.test(segment);
}

/** Cloudinary reads one to three letters and `_` (or `$`) as a transformation, but never four or more. */
function looksLikeTransformation(segment: string): boolean {
  return /^(?:[a-z]{1,3}_|\$)/.test(segment);
}

function isTransformation(segment: string): boolean {
  const [first = ''] = segment.split(',', 1);
  return (
    /^\$[A-Za-z]/.test(first) ||
    (looksLikeTransformation(first) && PARAMETERS.has(first.slice(0, first.indexOf('_'))))
  );
}

/** `other/image/upload/x` on a root path: more likely a whole path of another cloud than a folder. */
function namesDelivery(path: readonly string[]): boolean {
  return path.some((one) => isResourceType(one) || Object.hasOwn(WORDS, one));
}

function targetOf(prefix: Prefix, segments: readonly string[], withFormat: boolean): Target | KeptReason {
  const publicId = decoded(segments);
  if (publicId === null) return 'unsafe';
  const cut = withFormat && prefix.resourceType !== 'raw' ? splitExtension(publicId) : null;
  const name = cut && isDelivered(cut.extension) ? cut.stem : publicId;
  return isPublicId(name)
    ? { resourceType: prefix.resourceType, type: prefix.type, publicId: name }
    : 'unsafe';
}

/** Decodes once, as the delivery does; `null` for an invalid escape or an encoded slash. */
function decoded(segments: readonly string[]): string | null {
  try {
    const names = segments.map((one) => decodeURIComponent(one));
    return names.some((one) => one.includes('/')) ? null : names.join('/');
  } catch {
    return null;
  }
}

/**
 * Every asset that the URL could mean. The id may begin at each segment that follows a version, or only segments that
 * can be skipped, and it may include the extension or not. Too many readings are harmless here, since they only keep
 * files.
 */
function everyReading(prefix: Prefix): Target[] {
  const path = prefix.rest.filter((one) => one !== '');
  const firstName = path.findIndex(
    (one) => !isSignature(one) && !isVersion(one) && !looksLikeTransformation(one),
  );
  const ids = new Set<string>();
  // An escape takes up to nine characters for one, and an id has at most 255, so that an id cannot begin further back.
  for (let at = path.length - 1, length = 0; at >= 0; at--) {
    length += path[at]!.length + 1;
    if (length > 256 * 9) break;
    const starts = firstName === -1 || at <= firstName || isVersion(path[at - 1]!);
    if (starts) for (const id of namesFrom(path.slice(at), prefix)) ids.add(id);
  }
  return [...ids].map((publicId) => ({ resourceType: prefix.resourceType, type: prefix.type, publicId }));
}

function namesFrom(segments: readonly string[], { ending, resourceType }: Prefix): string[] {
  const withSuffix =
    ending !== 'plain' && segments.length > 1 ? [lenientlyDecoded(segments.slice(0, -1))] : [];
  const whole = lenientlyDecoded(segments);
  const stem = resourceType === 'raw' ? null : splitExtension(whole)?.stem;
  return [whole, ...(stem ? [stem] : []), ...withSuffix].filter(isPublicId);
}

function lenientlyDecoded(segments: readonly string[]): string {
  try {
    return segments.map((one) => decodeURIComponent(one)).join('/');
  } catch {
    return '';
  }
}
