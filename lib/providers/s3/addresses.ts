import type { Endpoint, Whereabouts } from './whereabouts.js';

/** A text that precedes a key in the addresses of one bucket. */
export interface Beginning {
  readonly text: string;
  /** Whether S3 itself writes such addresses, in which slashes may be `%2F`. */
  readonly isOfS3: boolean;
}

/** The addresses of one bucket. */
export interface Addresses {
  readonly bucket: string;
  /** All beginnings that are forms. */
  readonly beginnings: readonly Beginning[];
  /** Hosts of the option `hosts`, in lower case. */
  readonly hosts: readonly string[];
  readonly endpoint: Endpoint | null | undefined;
  readonly region: string | undefined;
  /** Whether it is not fully known where the bucket is served, so that documents are asked for all addresses of a kind. */
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
  // an endpoint that is also listed as a host still counts as one of S3
  const beginnings = all.filter(({ text }, at) => all.findIndex((one) => one.text === text) === at);
  const isOpen = endpoint === undefined || (endpoint === null && region === undefined);
  return { bucket, beginnings, hosts, endpoint, region, isOpen };
}

interface Served {
  /** Including the path before the key. */
  readonly host: string;
  readonly isOfS3: boolean;
}

/**
 * The addresses with one region, and those without a region: a bucket is in one region, and does not answer under the
 * name of another.
 */
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
    // lib-storage leaves out the path of an endpoint
    ...(path === '' ? [] : [{ host: `${host}/${bucket}/`, isOfS3: true }]),
  ];
}

/** The beginnings that addresses of the bucket may have while not everything is known. Other assets share them. */
export function openBeginnings({ bucket, endpoint, isOpen }: Addresses): string[] {
  if (!isOpen) return [];
  if (endpoint === undefined) return [...SCHEMES];
  return SCHEMES.flatMap((scheme) =>
    [`${bucket}.s3.`, `${bucket}.s3-`, 's3.', 's3-'].map((one) => scheme + one),
  );
}

/** `{ host }` is the bucket itself, or has the bucket at the beginning of its path. */
const AWS = /^(?:(.+)\.)?s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$/;

/**
 * The part after the bucket in the address that a browser would make of a text; `null` if it is not an address of this
 * bucket.
 */
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

/** Compares hosts for any scheme, since a `URL` omits the default port of its scheme. */
function isHost(url: URL, host: string): boolean {
  return (
    url.host === host ||
    (URL.canParse(`${url.protocol}//${host}`) && new URL(`${url.protocol}//${host}`).host === url.host)
  );
}
