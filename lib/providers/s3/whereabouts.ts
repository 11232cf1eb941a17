import type { S3Sdk } from './client.js';

/** An endpoint other than that of AWS. */
export interface Endpoint {
  /** With the port: `127.0.0.1:9000`. */
  readonly host: string;
  /** Without a slash at its end: `''`, `/storage/v1/s3`. */
  readonly path: string;
}

/** Where the buckets of a client are served, as far as it is known. */
export interface Whereabouts {
  /** `null`: AWS; `undefined`: an endpoint of its own that is not known yet. */
  readonly endpoint: Endpoint | null | undefined;
  /** The AWS region; `undefined` if it is not known yet, or has no meaning. */
  readonly region: string | undefined;
}

interface ClientConfig {
  readonly region?: unknown;
  readonly endpoint?: unknown;
  readonly isCustomEndpoint?: unknown;
}

/**
 * Finds out where the buckets of a client are served. An `S3Client` has its region and its endpoint only as promises,
 * which are fulfilled long before the first write. Until then, every region counts. Values of the options apply at once.
 */
export function whereaboutsOf(
  client: S3Sdk,
  given: { readonly endpoint?: string; readonly region?: string },
): () => Whereabouts {
  const { config = {} } = client as { config?: ClientConfig };
  let found: Whereabouts = {
    endpoint:
      given.endpoint !== undefined
        ? endpointOf(new URL(given.endpoint))
        : config.isCustomEndpoint === true
          ? undefined
          : null,
    region: given.region,
  };
  const isAsked = { endpoint: given.endpoint === undefined, region: given.region === undefined };
  void valueOf(config.region).then((region) => {
    if (isAsked.region && typeof region === 'string') found = { ...found, region };
  });
  void valueOf(config.endpoint).then((told) => {
    const url = isAsked.endpoint ? urlOf(told) : null;
    if (url) found = { ...found, endpoint: endpointOf(url) };
  });
  return () => found;
}

async function valueOf(setting: unknown): Promise<unknown> {
  try {
    return await (typeof setting === 'function' ? (setting as () => unknown)() : setting);
  } catch {
    // no region is configured; the first call of the client gives a better error
    return undefined;
  }
}

/** The endpoint of AWS itself does not count as another endpoint. */
function endpointOf({ host, hostname, pathname }: URL): Endpoint | null {
  if (/^s3[.-][a-z0-9.-]*amazonaws\.com(?:\.cn)?$/.test(hostname)) return null;
  return { host: host.toLowerCase(), path: pathname.replace(/\/+$/, '') };
}

/** The SDK's own shape of an endpoint, a `URL` or a string. */
function urlOf(told: unknown): URL | null {
  if (told === undefined || told === null) return null;
  if (told instanceof URL) return told;
  if (typeof told === 'string') return URL.canParse(told) ? new URL(told) : null;
  const { protocol, hostname, port, path, url } = told as Record<string, unknown>;
  if (url instanceof URL) return url;
  if (typeof hostname !== 'string') return null;
  const written = `${text(protocol) || 'https:'}//${hostname}${text(port) && `:${text(port)}`}${text(path)}`;
  return URL.canParse(written) ? new URL(written) : null;
}

function text(one: unknown): string {
  return typeof one === 'string' || typeof one === 'number' ? String(one) : '';
}
