import { unlessAborted } from '../../shared/time-limit.js';
import type { CloudinaryClient } from './client.js';
import { normalised } from './errors.js';

const LONGEST_MS = 15_000;
export const NO_CLOUD = 'Cloudinary has no cloud_name: call cloudinary.config() or set CLOUDINARY_URL';

/**
 * Returns what is wrong with the cloud, in a sentence; `null` if nothing is. Makes one request of the Admin API, or
 * none if the configuration lacks what the request needs. Never rejects, and reveals no secret.
 */
export async function checkCloud(client: CloudinaryClient, signal: AbortSignal): Promise<string | null> {
  try {
    if (client.delivery() === null) return NO_CLOUD;
    if (!client.canSign()) {
      return 'Cloudinary has no api_key and api_secret, so nothing can be removed: call cloudinary.config() or set CLOUDINARY_URL';
    }
  } catch (thrown) {
    return normalised(thrown, client.secrets()).message;
  }
  return askOnce(client, signal);
}

async function askOnce(client: CloudinaryClient, signal: AbortSignal): Promise<string | null> {
  let connection: ReturnType<CloudinaryClient['open']> | undefined;
  try {
    connection = client.open();
    const options = { ...connection.callOptions, resource_type: 'image', type: 'upload', max_results: 1 };
    const asked = (async () => client.sdk().api.resources(options))();
    await unlessAborted(asked, AbortSignal.any([signal, AbortSignal.timeout(LONGEST_MS)]));
    return null;
  } catch (rejection) {
    return normalised(rejection, client.secrets()).message;
  } finally {
    connection?.end();
  }
}
