import type { ListOptions, StoredAsset } from '../provider.js';
import { unlessAborted } from '../../shared/time-limit.js';
import type { CloudinaryClient } from './client.js';
import { normalised } from './errors.js';
import { DELIVERY_TYPES, isPublicId, keyOf, RESOURCE_TYPES } from './public-id.js';
import type { Target } from './public-id.js';

interface Page {
  readonly resources?: readonly Resource[];
  readonly next_cursor?: string;
}

interface Resource {
  readonly public_id?: unknown;
  readonly bytes?: number;
  readonly version?: number;
  readonly created_at?: string;
}

/** The maximum page size of the Admin API. Source: cloudinary.com/documentation/admin_api. */
const PAGE_SIZE = 500;
const PAGE_TIMEOUT_MS = 60_000;

/**
 * Lists everything in the cloud: nine listings (image, video and raw; each uploaded, private and authenticated) in
 * pages of 500. Each page is one request of the Admin API's hourly limit.
 * @throws CloudinaryError with `retryAt` if that limit is reached.
 */
export async function* listAssets(
  client: CloudinaryClient,
  name: string,
  { signal, prefix }: ListOptions,
): AsyncGenerator<StoredAsset> {
  const cloud = client.delivery()?.cloud;
  if (cloud === undefined)
    throw new Error('cloudinaryProvider: no cloud_name is configured, so nothing can be listed.');
  const connection = client.open();
  try {
    for (const resourceType of RESOURCE_TYPES) {
      for (const type of DELIVERY_TYPES) {
        const kind = { resource_type: resourceType, type, max_results: PAGE_SIZE, ...(prefix && { prefix }) };
        for await (const one of resources(client, { ...connection.callOptions, ...kind }, signal)) {
          if (!isPublicId(one.public_id)) continue;
          const target: Target = { resourceType, type, publicId: one.public_id };
          const asset = { provider: name, key: keyOf(cloud, target) };
          yield { asset, size: one.bytes ?? 0, modifiedAt: modifiedAt(one) };
        }
      }
    }
  } finally {
    connection.end();
  }
}

async function* resources(
  client: CloudinaryClient,
  options: { readonly timeout?: number },
  signal?: AbortSignal,
): AsyncGenerator<Resource> {
  let cursor: string | undefined;
  do {
    const page = await onePage(client, { ...options, ...(cursor && { next_cursor: cursor }) }, signal);
    yield* page.resources ?? [];
    cursor = page.next_cursor;
  } while (cursor);
}

async function onePage(
  client: CloudinaryClient,
  options: { readonly timeout?: number },
  signal?: AbortSignal,
) {
  signal?.throwIfAborted();
  const deadline = AbortSignal.timeout(options.timeout ?? PAGE_TIMEOUT_MS);
  try {
    const both = signal ? AbortSignal.any([signal, deadline]) : deadline;
    // The SDK removes the properties that it sends from this object.
    const asked = (async () => client.sdk().api.resources({ ...options }))();
    return ((await unlessAborted(asked, both)) ?? {}) as Page;
  } catch (rejection) {
    if (signal?.aborted) throw signal.reason;
    throw normalised(rejection, client.secrets());
  }
}

/**
 * An overwritten asset keeps its `created_at`. Its version is the second of the last upload, unless the app set another
 * one.
 */
function modifiedAt({ version, created_at }: Resource): Date {
  const created = created_at ? Date.parse(created_at) : NaN;
  const uploaded = typeof version === 'number' && version > 1_000_000_000 ? version * 1000 : NaN;
  const known = [created, uploaded].filter((one) => !Number.isNaN(one));
  // An unknown age counts as new, since a sweep leaves young assets alone.
  return known.length > 0 ? new Date(Math.max(...known)) : new Date();
}
