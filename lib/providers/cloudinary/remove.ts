import type { Asset, RemovalOutcome } from '../provider.js';
import { unlessAborted } from './abort.js';
import type { CloudinaryClient } from './client.js';
import { CloudinaryError, normalised } from './errors.js';
import { readKey } from './public-id.js';
import type { Target } from './public-id.js';

export interface RemoveSettings {
  readonly name: string;
  readonly invalidate: boolean;
  readonly api: 'upload' | 'admin';
  readonly concurrency: number;
}

/** One request and the assets it removes: one for `uploader.destroy`, up to 100 of one kind for `api.delete_resources`. */
interface Request {
  readonly targets: readonly Target[];
  readonly places: readonly number[];
}

type Answers = readonly RemovalOutcome[];

const mostIds = 100;

/**
 * Removes the assets of one batch, a few requests at a time. `uploader.destroy` is the default although it takes one request for each
 * asset: the Upload API is not rate-limited while the Admin API ends at 500 to 2,000 requests an hour for the whole account; its `invalidate` needs
 * no switch at Cloudinary; it times out; and its rejections do not carry the secret.
 * Source: cloudinary.com/documentation/delete_assets and admin_api.
 */
export async function removeAssets(
  assets: readonly Asset[],
  client: CloudinaryClient,
  settings: RemoveSettings,
  signal: AbortSignal,
): Promise<RemovalOutcome[]> {
  const outcomes = new Map<number, RemovalOutcome>();
  const requests = planned(assets, client, settings, outcomes);
  if (requests.length > 0) {
    await send(requests, client, settings, signal, ({ places }, answers) =>
      places.forEach((place, i) => outcomes.set(place, answers[i]!)),
    );
  }
  return assets.map((_, place) => outcomes.get(place)!);
}

/** The requests to make; what is not this provider's, or not of the cloud configured now, gets its outcome at once. */
function planned(
  assets: readonly Asset[],
  client: CloudinaryClient,
  { name, api }: RemoveSettings,
  outcomes: Map<number, RemovalOutcome>,
): Request[] {
  let cloud: string | undefined;
  try {
    cloud = client.delivery()?.cloud;
  } catch (error) {
    const outcome = normalised(error, client.secrets()).toOutcome();
    assets.forEach((_, place) => outcomes.set(place, outcome));
    return [];
  }
  const groups = new Map<string, { targets: Target[]; places: number[] }>();
  assets.forEach((asset, place) => {
    const target = readKey(asset.key);
    if (!target || asset.provider !== name || target.cloud !== cloud) {
      outcomes.set(place, { outcome: 'kept', reason: 'not ours' });
      return;
    }
    const group = api === 'upload' ? String(place) : `${target.resourceType}/${target.type}`;
    const { targets, places } = groups.get(group) ?? { targets: [], places: [] };
    groups.set(group, { targets: [...targets, target], places: [...places, place] });
  });
  return [...groups.values()].flatMap(({ targets, places }) =>
    Array.from({ length: Math.ceil(targets.length / mostIds) }, (_, i) => ({
      targets: targets.slice(i * mostIds, (i + 1) * mostIds),
      places: places.slice(i * mostIds, (i + 1) * mostIds),
    })),
  );
}

/** Sends the requests, a few at a time; what fails for all ends the batch, so that a limited account is not asked again and again. */
async function send(
  requests: readonly Request[],
  client: CloudinaryClient,
  settings: RemoveSettings,
  signal: AbortSignal,
  report: (request: Request, answers: Answers) => void,
): Promise<void> {
  const connection = client.open();
  const waiting = requests.values();
  let stopped: CloudinaryError | undefined;
  const work = async () => {
    for (const request of waiting) {
      const failed = stopped ?? (signal.aborted ? abortedError(signal, client) : undefined);
      if (failed) {
        report(
          request,
          request.targets.map(() => failed.toOutcome()),
        );
        continue;
      }
      try {
        const options = { ...connection.callOptions, invalidate: settings.invalidate };
        const call = settings.api === 'upload' ? destroy : deleteResources;
        report(request, await unlessAborted(call(request.targets, client, options), signal));
      } catch (rejection) {
        const error = signal.aborted ? abortedError(signal, client) : normalised(rejection, client.secrets());
        if (error.concernsAll) stopped ??= error;
        report(
          request,
          request.targets.map(() => error.toOutcome()),
        );
      }
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(settings.concurrency, requests.length) }, work));
  } finally {
    connection.end();
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

/** Cloudinary answers "not found" just the same for an id that exists as another resource type or delivery type. */
function missing({ publicId, resourceType, type }: Target): RemovalOutcome {
  return {
    outcome: 'missing',
    warning:
      `Cloudinary has no ${resourceType} "${publicId}" of type ${type}. If it should be there, its resource type is the usual cause: ` +
      'store resource_type (image, video, raw) beside the public_id or the whole secure_url, or set the option resourceType.',
  };
}

/** No answer about this asset, or one nobody knows: to ask again does no harm. */
function unclear(): RemovalOutcome {
  return new CloudinaryError('Cloudinary: the answer does not say what became of the asset', {
    retryable: true,
  }).toOutcome();
}
