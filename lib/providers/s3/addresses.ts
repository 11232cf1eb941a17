import type { Endpoint, Whereabouts } from './whereabouts.js';

/** What stands before a key in the addresses of one bucket. */
export interface Beginning {
  readonly text: string;
  /** S3 itself writes addresses with it, whose slashes are `%2F`. */
  readonly isOfS3: boolean;
}

/** The addresses of one bucket. */
export interface Addresses {
  readonly bucket: string;
  /** Every beginning that is a form. */
  readonly beginnings: readonly Beginning[];
  /** Hosts of the option `hosts`, in lower case. */
  readonly hosts: readonly string[];
  readonly endpoint: Endpoint | null | undefined;
  readonly region: string | undefined;
  /** Not everything is known of where the bucket is served, so that documents are asked for every address of a kind. */
  readonly isOpen: boolean;
}

const SCHEMES = ['https://', 'http://', '//'];

export function addressesOf(
  bucket: string,
  { endpoint, region }: Whereabouts,
  hosts: readonly string[],
): Addresses {
  const own =
    endpoint === null ? hostsOfAws(bucket, region) : endpoint ? hostsOfEndpoint(bucket, endpoint) : [];
  const listed = hosts.map((host) => ({ host: `${host}/`, isOfS3: false }));
  const all = [...own, ...listed].flatMap(({ host, isOfS3 }) =>
    SCHEMES.map((scheme) => ({ text: scheme + host, isOfS3: isOfS3 && scheme !== '//' })),
  );
  // an endpoint that is listed as a host, too, stays one of S3
  const beginnings = all.filter(({ text }, at) => all.findIndex((one) => one.text === text) === at);
  const isOpen = endpoint === undefined || (endpoint === null && region === undefined);
  return { bucket, beginnings, hosts, endpoint, region, isOpen };
}

interface Served {
  /** With the path before the key. */
  readonly host: string;
  readonly isOfS3: boolean;
}

/** One region and those that name none: a bucket is in one region, and answers under the name of no other. */
function hostsOfAws(bucket: string, region: string | undefined): Served[] {
  const domain = region?.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
  const written = [`s3.${domain}`, ...(region === undefined ? [] : [`s3.${region}.${domain}`])];
  const others = region === undefined ? [] : [`s3-${region}.${domain}`, `s3.dualstack.${region}.${domain}`];
  const both = (host: string, isOfS3: boolean): Served[] => [
    { host: `${bucket}.${host}/`, isOfS3 },
    { host: `${host}/${bucket}/`, isOfS3 },
  ];
  const accelerated = ['s3-accelerate', 's3-accelerate.dualstack'].map((name) => ({
    host: `${bucket}.${name}.amazonaws.com/`,
    isOfS3: true,
  }));
  return [
    ...written.flatMap((host) => both(host, true)),
    ...others.flatMap((host) => both(host, false)),
    ...accelerated,
  ];
}

function hostsOfEndpoint(bucket: string, { host, path }: Endpoint): Served[] {
  return [
    { host: `${host}${path}/${bucket}/`, isOfS3: true },
    { host: `${bucket}.${host}${path}/`, isOfS3: true },
    // lib-storage leaves the path of an endpoint out
    ...(path === '' ? [] : [{ host: `${host}/${bucket}/`, isOfS3: true }]),
  ];
}

/** The beginnings that addresses of the bucket may have while not everything is known; other assets share them. */
export function openBeginnings({ bucket, endpoint, isOpen }: Addresses): string[] {
  if (!isOpen) return [];
  if (endpoint === undefined) return [...SCHEMES];
  return SCHEMES.flatMap((scheme) =>
    [`${bucket}.s3.`, `${bucket}.s3-`, 's3.', 's3-'].map((one) => scheme + one),
  );
}

/** `{ host }` is the bucket itself, or has it at the beginning of its path. */
const AWS = /^(?:(.+)\.)?s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$/;

/** What follows the bucket in the address that a browser would make of a text; `null`: it is none of the bucket's. */
export function pathInBucket(url: URL, addresses: Addresses): string | null {
  const { bucket, endpoint, hosts } = addresses;
  const path = url.pathname;
  if (hosts.some((host) => isHost(url, host))) return path.slice(1);
  const below = (folder: string): string | null =>
    path.startsWith(folder) ? path.slice(folder.length) : null;
  if (endpoint === null) {
    const [isAws, named] = AWS.exec(url.hostname) ?? [];
    if (isAws === undefined) return null;
    if (named === undefined) return below(`/${bucket}/`);
    return named === bucket.toLowerCase() ? path.slice(1) : null;
  }
  if (endpoint === undefined) {
    return url.hostname.startsWith(`${bucket.toLowerCase()}.`) ? path.slice(1) : below(`/${bucket}/`);
  }
  if (isHost(url, endpoint.host)) return below(`${endpoint.path}/${bucket}/`) ?? below(`/${bucket}/`);
  return isHost(url, `${bucket.toLowerCase()}.${endpoint.host}`) ? below(`${endpoint.path}/`) : null;
}

/** In any scheme: a port that the scheme has by itself is left out of a `URL`. */
function isHost(url: URL, host: string): boolean {
  return (
    url.host === host ||
    (URL.canParse(`${url.protocol}//${host}`) && new URL(`${url.protocol}//${host}`).host === url.host)
  );
}
