import http from 'node:http';
import { v2 } from 'cloudinary';
import { cloudinaryProvider } from '../../../lib/providers/cloudinary/index.js';
import type { CloudinaryOptions } from '../../../lib/providers/cloudinary/index.js';
import type { Account, CloudinaryServer } from './server.js';

export * from './faults.js';
export * from './server.js';

/** Options of single SDK calls that lead the real SDK to a local server. */
export function sdkOptionsFor(server: CloudinaryServer, account: Account = server.account) {
  const { cloud, apiKey, apiSecret } = account;
  return { cloud_name: cloud, api_key: apiKey, api_secret: apiSecret, upload_prefix: server.uploadPrefix };
}

/** A provider over the real SDK and a local server. */
export function providerFor(server: CloudinaryServer, options: CloudinaryOptions = {}) {
  return cloudinaryProvider({ cloudinary: v2, sdkOptions: sdkOptionsFor(server), ...options });
}

export type UploadResult = ReturnType<CloudinaryServer['uploadResult']>;

/** Uploads one pixel with the real SDK. */
export async function upload(server: CloudinaryServer, options: object): Promise<UploadResult> {
  const agent = new http.Agent();
  const result: unknown = await v2.uploader.upload('data:image/gif;base64,R0lGODlhAQABAAAAACw=', {
    ...sdkOptionsFor(server),
    ...options,
    agent,
  } as object);
  return result as UploadResult;
}

/** A signal that is never aborted. */
export const noAbort = (): AbortSignal => new AbortController().signal;
