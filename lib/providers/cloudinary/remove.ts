import { addTo, inBatches } from '../../shared/groups.js';
import { forEachOf } from '../../shared/pool.js';
import type { Asset, RemovalOutcome } from '../provider.js';
import { unlessAborted } from '../../shared/time-limit.js';
import type { CloudinaryClient } from './client.js';
import { CloudinaryError, normalised } from './errors.js';
import { readKey } from './public-id.js';
import type { Target } from './public-id.js';

/** What the removal of one provider needs. */
export interface RemoveSettings {
  readonly client: CloudinaryClient;
  readonly name: string;
  readonly invalidate: boolean;
  readonly api: 'upload' | 'admin';
  readonly concurrency: number;
}

/**
 * One request and the assets that it removes: one for `uploader.destroy`, up to 100 of one kind for
 * `api.delete_resources`.
 */
interface Request {
  readonly targets: readonly Target[];
  readonly places: readonly number[];
}

type Answers = readonly RemovalOutcome[];

const MOST_IDS = 100;

/**
 * Removes the assets of one batch, with a few simultaneous requests. `uploader.destroy` is the default, although it
 * takes one request for each asset: the Upload API has no rate limit, while the Admin API allows 500 to 2,000 requests
 * an hour for the whole account; `invalidate` needs no setting at Cloudinary; it has a time limit; and its rejections
 * do not contain the secret. Source: cloudinary.com/documentation/delete_assets and admin_api.
 */
export async function removeAssets(
  assets: readonly Asset[],
  settings: RemoveSettings,
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const { client, concurrency } = settings;
  let cloud: string | undefined;
  try {
    cloud = client.delivery()?.cloud;
  } catch (error) {
    const outcome = normalised(error, client.secrets()).toOutcome();
    return assets.map(() => outcome);
  }
  const outcomes = assets.map((): RemovalOutcome => ({ outcome: 'kept', reason: 'not ours' }));
  const requests = planned(assets, settings, cloud);
  if (requests.length === 0) return outcomes;
  const connection = client.open();
  const batch = new Batch(settings, connection.callOptions, signal);
  try {
    await forEachOf(requests, concurrency, async (request) => {
      const answers = await batch.send(request);
      request.places.forEach((place, i) => (outcomes[place] = answers[i]!));
    });
  } finally {
    connection.end();
  }
  return outcomes;
}

/** The requests for the assets of this provider that are in the cloud configured now. */
function planned(
  assets: readonly Asset[],
  { name, api }: RemoveSettings,
  cloud: string | undefined,
): Request[] {
  const groups = new Map<string, { target: Target; place: number }[]>();
  for (const [place, asset] of assets.entries()) {
    const target = readKey(asset.key);
    if (!target || asset.provider !== name || target.cloud !== cloud) continue;
    const group = api === 'upload' ? String(place) : `${target.resourceType}/${target.type}`;
    addTo(groups, group, { target, place });
  }
  return [...groups.values()]
    .flatMap((group) => [...inBatches(group, MOST_IDS)])
    .map((some) => ({ targets: some.map(({ target }) => target), places: some.map(({ place }) => place) }));
}

/** An error that concerns all requests ends the batch, so that an account at its limit is not asked again and again. */
class Batch {
  readonly #settings: RemoveSettings;
  readonly #options: object;
  readonly #signal: AbortSignal;
  #stopped: CloudinaryError | undefined;

  constructor(settings: RemoveSettings, options: object, signal: AbortSignal) {
    this.#settings = settings;
    this.#options = { ...options, invalidate: settings.invalidate };
    this.#signal = signal;
  }

  /** Never rejects. */
  async send({ targets }: Request): Promise<Answers> {
    const { client, api } = this.#settings;
    try {
      if (this.#stopped) throw this.#stopped;
      this.#signal.throwIfAborted();
      const call = api === 'upload' ? destroy : deleteResources;
      return await unlessAborted(call(targets, client, this.#options), this.#signal);
    } catch (rejection) {
      const error = this.#stopped ?? this.#errorOf(rejection);
      if (error.concernsAll) this.#stopped ??= error;
      return targets.map(() => error.toOutcome());
    }
  }

  #errorOf(rejection: unknown): CloudinaryError {
    const { client } = this.#settings;
    return this.#signal.aborted
      ? abortedError(this.#signal, client)
      : normalised(rejection, client.secrets());
  }
}

function abortedError(signal: AbortSignal, client: CloudinaryClient): CloudinaryError {
  const cause = normalised(signal.reason, client.secrets());
  return new CloudinaryError('Cloudinary: the removal was aborted before an answer came', {
    code: 'ABORT_ERR',
    retryable: true,
    cause,
  });
}

async function destroy(
  targets: readonly Target[],
  client: CloudinaryClient,
  options: object,
): Promise<Answers> {
  const { publicId, resourceType, type } = targets[0]!;
  // `await` also turns what the SDK throws before the request (no api_key, wrong protocol) into a rejection.
  const answer = await client
    .sdk()
    .uploader.destroy(publicId, { ...options, resource_type: resourceType, type });
  const result = (answer as { result?: unknown } | null)?.result;
  return [
    result === 'ok' ? { outcome: 'removed' } : result === 'not found' ? missing(targets[0]!) : unclear(),
  ];
}

async function deleteResources(
  targets: readonly Target[],
  client: CloudinaryClient,
  options: object,
): Promise<Answers> {
  const { resourceType, type } = targets[0]!;
  const ids = [...new Set(targets.map(({ publicId }) => publicId))];
  const answer = await client
    .sdk()
    .api.delete_resources(ids, { ...options, resource_type: resourceType, type });
  const deleted = (answer as { deleted?: Record<string, unknown> } | null)?.deleted ?? {};
  return targets.map((target) => {
    const said = deleted[target.publicId];
    return said === 'deleted' ? { outcome: 'removed' } : said === 'not_found' ? missing(target) : unclear();
  });
}

/** Cloudinary also answers "not found" for an id that exists with another resource type or delivery type. */
function missing({ publicId, resourceType, type }: Target): RemovalOutcome {
  return {
    outcome: 'missing',
    warning:
      `Cloudinary has no ${resourceType} "${publicId}" of type ${type}. If the asset exists, the usual cause is a wrong resource type: ` +
      'store resource_type (image, video, raw) beside the public_id, store the whole secure_url, or set the option resourceType.',
  };
}

/** The answer says nothing known about this asset. Another attempt does no harm. */
function unclear(): RemovalOutcome {
  return new CloudinaryError('Cloudinary: the answer does not say what became of the asset', {
    retryable: true,
  }).toOutcome();
}
