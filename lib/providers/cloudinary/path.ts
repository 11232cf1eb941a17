import type { Delivery, HostKind } from './hosts.js';
import { isDeliveryType, isResourceType, isVersion } from './public-id.js';
import type { ResourceType, Target } from './public-id.js';

/** What the beginning of a path says, and the segments that follow. */
export interface Prefix {
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

export function prefixOf(path: readonly string[], kind: HostKind | null, { cloud }: Delivery): Prefix | null {
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

/** The segments after the first version, and whether there is one. */
export function splitVersion(path: readonly string[]): [readonly string[], boolean] {
  const at = path.findIndex(isVersion);
  return at === -1 ? [path, false] : [path.slice(at + 1), true];
}

/** How many segments at the beginning look like transformations; the last segment always belongs to the id. */
export function leading(path: readonly string[]): number {
  const at = path.findIndex((one, i) => i === path.length - 1 || !looksLikeTransformation(one));
  return Math.max(at, 0);
}

export function isSignature(segment: string): boolean {
  return /^s--(?:[A-Za-z0-9_-]{8}|[A-Za-z0-9_-]{32})--$/.test(segment);
}

/** Cloudinary reads one to three letters and `_` (or `$`) as a transformation, but never four or more. */
export function looksLikeTransformation(segment: string): boolean {
  return /^(?:[a-z]{1,3}_|\$)/.test(segment);
}

export function isTransformation(segment: string): boolean {
  const [first = ''] = segment.split(',', 1);
  return (
    /^\$[A-Za-z]/.test(first) ||
    (looksLikeTransformation(first) && PARAMETERS.has(first.slice(0, first.indexOf('_'))))
  );
}

/** `other/image/upload/x` on a root path: more likely a whole path of another cloud than a folder. */
export function namesDelivery(path: readonly string[]): boolean {
  return path.some((one) => isResourceType(one) || Object.hasOwn(WORDS, one));
}
