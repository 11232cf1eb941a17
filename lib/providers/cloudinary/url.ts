import { withoutIgnored } from '../address.js';
import type { KeptReason } from '../provider.js';
import { isDelivered, splitExtension } from './formats.js';
import { hostKind, SCHEMES } from './hosts.js';
import type { Delivery } from './hosts.js';
import {
  isSignature,
  isTransformation,
  leading,
  looksLikeTransformation,
  namesDelivery,
  prefixOf,
  splitVersion,
  type Prefix,
} from './path.js';
import { isPublicId, isVersion, type Target } from './public-id.js';

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
