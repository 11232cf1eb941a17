import type { Target } from './public-id.js';

/** Where the assets of one cloud are delivered. */
export interface Delivery {
  readonly cloud: string;
  /** The cloud's own domains: `secure_distribution`, `cname` and the `hosts` option. */
  readonly domains: readonly string[];
  /** Whether paths on these domains have no cloud name. */
  readonly privateCdn: boolean;
}

/** How the path of a URL begins on a host. */
export type HostKind =
  /** With the cloud name. */
  | 'shared'
  /** Without the cloud name, since the host itself belongs to this cloud. */
  | 'private'
  /**
   * A listed domain whose account has no private CDN: with the cloud name, unless the path begins with image, video or
   * raw.
   */
  | 'domain';

// The SDK uses five shards (`cdn_subdomain`), of both the shared and the private hosts, and `a1` to `a5` before a
// CNAME.
const SHARDS = ['1', '2', '3', '4', '5'];
const SHARED_HOSTS = [
  'res.cloudinary.com',
  ...SHARDS.map((n) => `res-${n}.cloudinary.com`),
  'cloudinary-a.akamaihd.net',
];

/** What may precede the host. Stored URLs are compared case-sensitively, so only these spellings are forms. */
export const SCHEMES = ['https://', 'http://', '//'] as const;

function privateHosts(cloud: string): string[] {
  return [`${cloud}-res.cloudinary.com`, ...SHARDS.map((n) => `${cloud}-res-${n}.cloudinary.com`)];
}

function ownDomains(delivery: Delivery): string[] {
  return delivery.domains.flatMap((domain) => [domain, ...SHARDS.map((n) => `a${n}.${domain}`)]);
}

/** What a host is to this cloud; `null` if it does not belong to it. */
export function hostKind(host: string, delivery: Delivery): HostKind | null {
  if (SHARED_HOSTS.includes(host)) return 'shared';
  if (privateHosts(delivery.cloud).includes(host)) return 'private';
  if (ownDomains(delivery).includes(host)) return delivery.privateCdn ? 'private' : 'domain';
  return null;
}

/** The beginnings of paths under which an asset is delivered; `''` is the root path, which only public images have. */
function pathPrefixes({ resourceType, type }: Target): string[] {
  const plain = `${resourceType}/${type}/`;
  if (resourceType === 'image') return type === 'upload' ? [''] : [plain, `${type}_images/`];
  if (type !== 'upload') return [plain];
  return [plain, resourceType === 'video' ? 'videos/' : 'files/'];
}

/**
 * The beginnings of all delivery URLs of an asset: each scheme, host form and path form of its cloud, resource type and
 * delivery type. Between these and the public id are signature, transformations and version, so nothing more is known.
 */
export function urlPrefixes(target: Target, delivery: Delivery): string[] {
  const paths = pathPrefixes(target);
  const inCloud = paths.map((path) => `${delivery.cloud}/${path}`);
  const hosts: [string, readonly string[]][] = [
    ...SHARED_HOSTS.map((host): [string, string[]] => [host, inCloud]),
    ...privateHosts(delivery.cloud).map((host): [string, string[]] => [host, paths]),
    ...ownDomains(delivery).map((host): [string, string[]] => [
      host,
      delivery.privateCdn || paths.includes('') ? paths : [...inCloud, ...paths],
    ]),
  ];
  return SCHEMES.flatMap((scheme) =>
    hosts.flatMap(([host, all]) => all.map((path) => `${scheme}${host}/${path}`)),
  );
}
