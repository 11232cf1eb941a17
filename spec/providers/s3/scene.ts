import { Schema, type SchemaDefinition } from 'mongoose';
import { PutObjectCommand, type S3Client, type S3ClientConfig } from '@aws-sdk/client-s3';
import type { CleanupEvent, ImageCleanupOptions, StorageProvider } from '../../../lib/index.js';
import { imageCleanup } from '../../../lib/index.js';
import { s3Provider, type S3Provider, type S3ProviderOptions } from '../../../lib/providers/s3/index.js';
import type { AnyDocumentModel } from '../../support/test-app.js';
import { connect } from '../../support/database.js';
import type { S3Server } from '../../support/s3/index.js';

/** Why a spec is skipped on a server that is not the local one. */
export const needsLocal = 'needs the local server, whose faults and requests it is about';

/** A client whose own tries do not take the time of a spec, and a new bucket. */
export async function provided(
  server: S3Server,
  options: Partial<S3ProviderOptions> = {},
  config: S3ClientConfig = {},
): Promise<{ provider: S3Provider; client: S3Client; bucket: string }> {
  const client = server.client({ maxAttempts: 1, ...config });
  const bucket = await server.bucket();
  const provider = s3Provider({ client, bucket, endpoint: server.endpoint, ...options });
  return { provider, client, bucket };
}

/** An app over a bucket: a model, what it told, and what is stored. */
export interface App {
  readonly Album: AnyDocumentModel;
  readonly events: CleanupEvent[];
  readonly log: string[];
  outcomes(): unknown[];
}

export async function app(
  provider: StorageProvider | StorageProvider[],
  options: ImageCleanupOptions = {},
  definition: SchemaDefinition = { image: Schema.Types.Mixed, gallery: [String] },
): Promise<App> {
  const connection = await connect();
  const events: CleanupEvent[] = [];
  const log: string[] = [];
  const note = (message: string) => void log.push(message);
  const schema = new Schema(definition);
  schema.plugin(imageCleanup, {
    fields: Object.keys(definition),
    provider,
    onEvent: (event) => void events.push(event),
    logger: { warn: note, error: note },
    retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 2 },
    ...options,
  });
  const Album = connection.model('Album', schema) as AnyDocumentModel;
  await Album.createCollection();
  const outcomes = () => events.map(({ outcome, reason }) => reason ?? outcome).sort();
  return { Album, events, log, outcomes };
}

export async function put(
  client: S3Client,
  bucket: string,
  keys: readonly string[],
  body = 'x',
): Promise<void> {
  for (const Key of keys) await client.send(new PutObjectCommand({ Bucket: bucket, Key, Body: body }));
}
