/** What identifies a stored asset within one cloud. */
export interface Target {
  readonly resourceType: ResourceType;
  readonly type: DeliveryType;
  readonly publicId: string;
}

/** Resource types. Audio is `video`. */
export const RESOURCE_TYPES = ['image', 'video', 'raw'] as const;
/** Delivery types of assets that this cloud stores. The others (`fetch`, `facebook`, …) point to other sites. */
export const DELIVERY_TYPES = ['upload', 'private', 'authenticated'] as const;

/** The `resource_type` of an upload result. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];
/** How Cloudinary delivers an asset: the `type` of its upload result. */
export type DeliveryType = (typeof DELIVERY_TYPES)[number];

/** Which bare strings are public ids; see `CloudinaryOptions.publicIds`. */
export type PublicIds = 'plain' | boolean | readonly string[];

export function isResourceType(value: unknown): value is ResourceType {
  return RESOURCE_TYPES.includes(value as ResourceType);
}

export function isDeliveryType(value: unknown): value is DeliveryType {
  return DELIVERY_TYPES.includes(value as DeliveryType);
}

/** Whether a path segment is a version, such as `v1571218039`. Cloudinary allows no folder of that name. */
export function isVersion(segment: string): boolean {
  return /^v[0-9]+$/.test(segment);
}

const FORBIDDEN = /[?&#\\%<>+\p{Cc}\p{Cs}]/u;

/**
 * Whether Cloudinary can have an asset with that public id. Source: cloudinary.com/documentation, "Permitted naming
 * conventions": 1 to 255 characters, none of `? & # \ % < > +`, no space or slash at either end, no folder named `v`
 * and digits. This function also refuses empty, `.` and `..` segments, which a URL cannot carry.
 */
export function isPublicId(value: unknown): value is string {
  if (typeof value !== 'string' || value.length === 0 || value.length > 255) return false;
  if (FORBIDDEN.test(value) || value.trim() !== value) return false;
  const segments = value.split('/');
  const folders = segments.slice(0, -1);
  return !segments.some((one) => one === '' || one === '.' || one === '..') && !folders.some(isVersion);
}

/** The key of an asset, unique across clouds, resource types and delivery types, such as `demo/image/upload/folder/id`. */
export function keyOf(cloud: string, { resourceType, type, publicId }: Target): string {
  return `${cloud}/${resourceType}/${type}/${publicId}`;
}

/** Parses a key; `null` for one that `keyOf` cannot have made. */
export function readKey(key: string): (Target & { readonly cloud: string }) | null {
  const [cloud, resourceType, type, ...rest] = key.split('/');
  const publicId = rest.join('/');
  if (!cloud || !isResourceType(resourceType) || !isDeliveryType(type) || !isPublicId(publicId)) return null;
  return { cloud, resourceType, type, publicId };
}
