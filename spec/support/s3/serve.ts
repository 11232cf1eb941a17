import { parseArgs } from 'node:util';
import { startS3 } from './index.js';

/** `npm run s3:serve [-- --port N]`: the local S3 to play with, until Ctrl-C. Everything in it is gone afterwards. */
async function serve(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const port = Number(values.port ?? 0);
  if (!(Number.isInteger(port) && port >= 0 && port < 65536))
    throw new Error(`--port ${values.port} is no port`);
  const s3 = await startS3({ port });
  if (s3.local === undefined) throw new Error('S3_ENDPOINT names a server that runs already');
  console.log('A local S3, in memory, path-style. For examples, specs and the AWS command line:\n');
  console.log(`export S3_ENDPOINT=${s3.endpoint}`);
  console.log(`export AWS_REGION=${s3.region}`);
  console.log(`export AWS_ACCESS_KEY_ID=${s3.credentials.accessKeyId}`);
  console.log(`export AWS_SECRET_ACCESS_KEY=${s3.credentials.secretAccessKey}`);
  const stop = (): void => void s3.stop().then(() => process.exit(0));
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

serve().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
