import type { Target } from './public-id.js';

/** Where one cloud's assets are delivered. */
export interface Delivery {
  readonly cloud: string;
  /** Domains of this cloud's own: `secure_distribution`, `cname` and the `hosts` option. */
  readonly domains: readonly string[];
  /** On those domains no cloud name stands in the path. */
  readonly privateCdn: boolean;
}

/** How the path of a URL on some host begins. */
export type HostKind =
  /** With the cloud's name. */
  | 'shared'
  /** Without: the host itself belongs to our cloud. */
  | 'private'
  /** A listed domain, whose account is not on a private CDN: the cloud's name, unless an image/video/raw word stands there. */
  | 'domain';

// The SDK shards into five (`cdn_subdomain`), over both the shared and the private hosts, and `a1` to `a5` before a CNAME.
const shards = ['1', '2', '3', '4', '5'];
const shared = [
  'res.cloudinary.com',
  ...shards.map((n) => `res-${n}.cloudinary.com`),
  'cloudinary-a.akamaihd.net',
];

/** What may stand before the host; stored URLs are compared case-sensitively, so only in this spelling. */
export const schemes = ['https://', 'http://', '//'] as const;

function privateHosts(cloud: string): string[] {
  return [`${cloud}-res.cloudinary.com`, ...shards.map((n) => `${cloud}-res-${n}.cloudinary.com`)];
}

function ownDomains(delivery: Delivery): string[] {
  return delivery.domains.flatMap((domain) => [domain, ...shards.map((n) => `a${n}.${domain}`)]);
}

/** What a host is to this cloud; `null` for somebody else's. */
export function hostKind(host: string, delivery: Delivery): HostKind | null {
  if (shared.includes(host)) return 'shared';
  if (privateHosts(delivery.cloud).includes(host)) return 'private';
  if (ownDomains(delivery).includes(host)) return delivery.privateCdn ? 'private' : 'domain';
  return null;
}

/** Path beginnings under which an asset is delivered; `''` is the root path, which only public images have. */
function pathPrefixes({ resourceType, type }: Target): string[] {
  const plain = `${resourceType}/${type}/`;
  if (resourceType === 'image') return type === 'upload' ? [''] : [plain, `${type}_images/`];
  if (type !== 'upload') return [plain];
  return [plain, resourceType === 'video' ? 'videos/' : 'files/'];
}

/**
 * How every delivery URL of an asset begins: each scheme, host form and path form of its cloud, resource type and delivery type. Between
 * this and the public id stand signature, transformations and version, so that nothing more can be said.
 */
export function urlPrefixes(target: Target, delivery: Delivery): string[] {
  const paths = pathPrefixes(target);
  const inCloud = paths.map((path) => `${delivery.cloud}/${path}`);
  const hosts: [string, readonly string[]][] = [
    ...shared.map((host): [string, string[]] => [host, inCloud]),
    ...privateHosts(delivery.cloud).map((host): [string, string[]] => [host, paths]),
    ...ownDomains(delivery).map((host): [string, string[]] => [
      host,
      delivery.privateCdn || paths.includes('') ? paths : [...inCloud, ...paths],
    ]),
  ];
  return schemes.flatMap((scheme) =>
    hosts.flatMap(([host, all]) => all.map((path) => `${scheme}${host}/${path}`)),
  );
}
