/**
 * Names under which an upload result, or what an app kept of one, says where its file is. `originalname` is not among
 * them, since the visitor chooses it.
 */
export const ADDRESS_NAMES = ['path', 'url', 'secure_url', 'location', 'key'] as const;

/** Names under which an upload result has Cloudinary's public id. */
export const PUBLIC_ID_NAMES = ['public_id', 'publicId'] as const;

/** All names that uploads write into their results. Their values are not texts of the app. */
export const UPLOAD_NAMES: ReadonlySet<string> = new Set([
  ...ADDRESS_NAMES,
  ...PUBLIC_ID_NAMES,
  'filename',
  'destination',
  'originalname',
  'original_filename',
  'Key',
  'Location',
]);

/** The strings of an object that may say which file it means. */
export interface UploadResult {
  /** The values under `ADDRESS_NAMES`, by name. */
  readonly addresses: Readonly<Partial<Record<(typeof ADDRESS_NAMES)[number], string>>>;
  /** The values under `PUBLIC_ID_NAMES`, of any type. */
  readonly publicIds: readonly unknown[];
  /** multer's name below `destination`; multer-storage-cloudinary stores the public id here. */
  readonly filename: string | null;
  /** multer's folder. */
  readonly destination: string | null;
  readonly resourceType: unknown;
  readonly type: unknown;
}

/**
 * Reads an object that a field may hold instead of a string; `null` if it is not an upload result. Never throws, even
 * if a getter does.
 */
export function uploadResultOf(value: unknown): UploadResult | null {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const held = value as Record<string, unknown>;
    const text = (name: string): string | null => {
      const one = held[name];
      return typeof one === 'string' && one !== '' ? one : null;
    };
    const addresses = ADDRESS_NAMES.flatMap((name) => {
      const one = text(name);
      return one === null ? [] : [[name, one] as const];
    });
    return {
      addresses: Object.fromEntries(addresses),
      publicIds: PUBLIC_ID_NAMES.map((name) => held[name]).filter((one) => one !== undefined && one !== null),
      filename: text('filename'),
      destination: text('destination'),
      resourceType: held['resource_type'],
      type: held['type'],
    };
  } catch {
    return null;
  }
}
