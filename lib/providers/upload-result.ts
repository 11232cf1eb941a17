/** Names under which an upload result, or what an app kept of one, holds where its file is. Never `originalname`: that is the visitor's. */
export const addressNames = ['path', 'url', 'secure_url', 'location', 'key'] as const;

/** Names under which it holds Cloudinary's public id. */
export const publicIdNames = ['public_id', 'publicId'] as const;

/** Everything that uploads themselves write into their results. What stands there is no text of the app. */
export const uploadNames: ReadonlySet<string> = new Set([
  ...addressNames,
  ...publicIdNames,
  'filename',
  'destination',
  'originalname',
  'original_filename',
  'Key',
  'Location',
]);

/** The strings of an object that may say which file it means. */
export interface UploadResult {
  /** What stands under `addressNames`, by name. */
  readonly addresses: Readonly<Partial<Record<(typeof addressNames)[number], string>>>;
  /** What stands under `publicIdNames`, whatever it is. */
  readonly publicIds: readonly unknown[];
  /** multer's: the name below `destination`; multer-storage-cloudinary puts the public id there. */
  readonly filename: string | null;
  /** multer's folder. */
  readonly destination: string | null;
  readonly resourceType: unknown;
  readonly type: unknown;
}

/** Reads what a field may hold instead of a string; `null` for what is no such object. Never throws, whatever its getters do. */
export function uploadResultOf(value: unknown): UploadResult | null {
  try {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null;
    const held = value as Record<string, unknown>;
    const text = (name: string): string | null => {
      const one = held[name];
      return typeof one === 'string' && one !== '' ? one : null;
    };
    const addresses = addressNames.flatMap((name) => {
      const one = text(name);
      return one === null ? [] : [[name, one] as const];
    });
    return {
      addresses: Object.fromEntries(addresses),
      publicIds: publicIdNames.map((name) => held[name]).filter((one) => one !== undefined && one !== null),
      filename: text('filename'),
      destination: text('destination'),
      resourceType: held['resource_type'],
      type: held['type'],
    };
  } catch {
    return null;
  }
}
