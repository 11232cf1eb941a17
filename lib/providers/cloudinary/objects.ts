import type { KeptReason } from '../provider.js';
import type { UploadResult } from '../upload-result.js';
import type { Delivery } from './hosts.js';
import { isDeliveryType, isPublicId, isResourceType } from './public-id.js';
import type { DeliveryType, PublicIds, ResourceType, Target } from './public-id.js';
import { readUrl } from './url.js';
import type { UrlReading } from './url.js';

/** What is needed to read a value. */
export interface Reader {
  readonly delivery: Delivery;
  readonly publicIds: PublicIds;
  readonly rootPath: boolean;
  /** For values that do not name it. */
  readonly resourceType: ResourceType;
  readonly type: DeliveryType;
}

/** Names under which an upload result, or what an app kept of one, has a delivery URL. */
export const URL_NAMES = ['url', 'secure_url', 'path'] as const;

/**
 * Reads an upload result, `{ url }`, `{ url, publicId }`, or `{ path, filename }` of multer-storage-cloudinary. All its
 * parts must mean one asset.
 */
export function readResult(result: UploadResult, reader: Reader): UrlReading {
  const readings = URL_NAMES.flatMap((name) => {
    const text = result.addresses[name];
    return text === undefined ? [] : [readUrl(text, reader.delivery, reader.rootPath)];
  });
  const urls = readings.filter((one) => one !== null);
  const ids = [...new Set(result.publicIds)];
  if (!ids.every(isPublicId)) {
    return typeof ids[0] === 'string' ? kept('unsafe', meantBy(urls)) : kept(null, meantBy(urls));
  }
  const { type, resourceType } = result;
  // Apps store other things under this name, such as a MIME type. A URL of this cloud then says what is meant.
  const isTypeUnknown = present(type) && !isDeliveryType(type);
  if (isTypeUnknown && !urls.some((one) => one.target)) return kept(null, meantBy(urls));
  if (present(resourceType) && !isResourceType(resourceType)) return kept('ambiguous', meantBy(urls));
  const [id] = ids;
  if (id === undefined) return readUrls(urls, result);
  const target = targetOf(id, urls, { result, reader });
  // An address of another cloud, of another service, or on a domain that is not listed agrees with no asset.
  const agrees = ids.length === 1 && urls.every((one) => says(one, target));
  if (agrees) return { target, reason: null, possible: [target] };
  const others = ids.slice(1).map((other) => ({ ...target, publicId: other }));
  return kept('ambiguous', [target, ...others, ...meantBy(urls)]);
}

function kept(reason: KeptReason | null, possible: readonly Target[]): UrlReading {
  return { target: null, reason, possible };
}

function meantBy(urls: readonly UrlReading[]): Target[] {
  return urls.flatMap(({ possible }) => possible);
}

/** A public id with the types of the object, of its URL, or of the options. */
function targetOf(
  publicId: string,
  urls: readonly UrlReading[],
  { result, reader }: { readonly result: UploadResult; readonly reader: Reader },
): Target {
  const said = urls.find((one) => one.target)?.target;
  const { resourceType, type } = result;
  return {
    resourceType: isResourceType(resourceType) ? resourceType : (said?.resourceType ?? reader.resourceType),
    type: isDeliveryType(type) ? type : (said?.type ?? reader.type),
    publicId,
  };
}

/** Without a public id, the URLs say what is meant; `filename` decides if a URL could mean several ids. */
function readUrls(urls: readonly UrlReading[], { filename, resourceType, type }: UploadResult): UrlReading {
  const possible = meantBy(urls);
  if (possible.length === 0) return kept(urls.find(({ reason }) => reason)?.reason ?? null, []);
  const named = possible.find(({ publicId }) => publicId === filename);
  const target = named ?? urls.find((one) => one.target)?.target;
  if (!target) return kept(urls.find(({ reason }) => reason)?.reason ?? 'ambiguous', possible);
  const isOfKind =
    (!present(resourceType) || resourceType === target.resourceType) &&
    (!isDeliveryType(type) || type === target.type);
  const agrees =
    isOfKind && urls.every((one) => (one.target ? isSame(one.target, target) : says(one, target)));
  return agrees ? { target, reason: null, possible: [target] } : kept('ambiguous', possible);
}

function present(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '';
}

/** Whether a URL can mean this asset. */
function says(reading: UrlReading, target: Target): boolean {
  return reading.possible.some((one) => isSame(one, target));
}

function isSame(one: Target, other: Target): boolean {
  return (
    one.publicId === other.publicId && one.resourceType === other.resourceType && one.type === other.type
  );
}
