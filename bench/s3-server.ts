import { startS3 } from '../spec/support/s3/index.js';

/** What the benchmark asks of the server's process. */
export interface Order {
  readonly fill: string;
  readonly count: number;
}

/** What it is told: where the server is, or that the bucket is full, with the number of `DeleteObjects` before. */
export type Told =
  | {
      readonly endpoint: string;
      readonly region: string;
      readonly credentials: object;
      readonly bucket: string;
    }
  | { readonly calls: number; readonly left: number };

/** An S3 in a process of its own, so that its work is nobody's time. */
async function main(): Promise<void> {
  const s3 = await startS3();
  const local = s3.local;
  if (local === undefined) throw new Error('the benchmark needs the local S3: unset S3_ENDPOINT');
  const bucket = await s3.bucket();
  const tell = (told: Told): void => void process.send?.(told);
  process.on('message', ({ fill, count }: Order) => {
    const calls = local.requests.filter(({ operation }) => operation === 'DeleteObjects').length;
    const left = local.keys(bucket).length;
    local.reset();
    local.put(
      bucket,
      Array.from({ length: count }, (_, index) => `${fill}${String(index)}.png`),
    );
    tell({ calls, left });
  });
  process.on('disconnect', () => void s3.stop());
  tell({ endpoint: s3.endpoint, region: s3.region, credentials: s3.credentials, bucket });
}

void main();
