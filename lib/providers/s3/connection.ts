import type { S3Commands, S3Sdk } from './client.js';
import { normalised, S3ProviderError } from './errors.js';

/** How many calls for single objects are made at the same time. */
export const CONCURRENCY = 16;

/** A client with the commands that it sends. It rejects with an `S3ProviderError` without secrets. */
export class S3Connection {
  readonly #client: S3Sdk;
  readonly #commands: () => S3Commands;

  constructor(client: S3Sdk, commands: () => S3Commands) {
    this.#client = client;
    this.#commands = commands;
  }

  /** Sends one command. @throws S3ProviderError */
  async send(
    command: keyof S3Commands,
    input: object,
    signal?: AbortSignal,
  ): Promise<Readonly<Record<string, unknown>>> {
    try {
      signal?.throwIfAborted();
      const made = new (this.#commands()[command])(input);
      return ((await this.#client.send(made, { abortSignal: signal })) ?? {}) as Record<string, unknown>;
    } catch (rejection) {
      if (signal?.aborted) throw aborted();
      throw normalised(rejection, await this.secrets());
    }
  }

  /** Texts that must not appear in any message. The SDK keeps them once it has signed a request. Never rejects. */
  async secrets(): Promise<readonly string[]> {
    const { credentials } = this.#client.config as { credentials?: () => Promise<Record<string, unknown>> };
    if (typeof credentials !== 'function') return [];
    let timer: NodeJS.Timeout | undefined;
    // the look-up of credentials may be what has just failed, and could take long again
    const late = new Promise<Record<string, unknown>>((resolve) => (timer = setTimeout(resolve, 1000, {})));
    try {
      const { secretAccessKey, sessionToken, accessKeyId } = await Promise.race([credentials(), late]);
      return [secretAccessKey, sessionToken, accessKeyId].filter(
        (one): one is string => typeof one === 'string' && one !== '',
      );
    } catch {
      return [];
    } finally {
      clearTimeout(timer);
    }
  }
}

export function aborted(): S3ProviderError {
  return new S3ProviderError('S3: the removal was aborted before an answer came', {
    code: 'ABORT_ERR',
    retryable: true,
  });
}
