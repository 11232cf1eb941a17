import { parseArgs } from 'node:util';
import { startMongoDB } from './index.js';

/** `npm run mongodb [-- --port N]`: a MongoDB to play with, until Ctrl-C. */
async function serve(): Promise<void> {
  const { values } = parseArgs({ options: { port: { type: 'string' } } });
  const port = values.port === undefined ? undefined : Number(values.port);
  if (port !== undefined && !(Number.isInteger(port) && port >= 0 && port < 65536)) {
    throw new Error(`--port ${values.port} is no port`);
  }
  const mongodb = await startMongoDB(port === undefined ? {} : { port });
  console.log(mongodb.description);
  console.log(mongodb.uri);
  const stop = (): void => {
    mongodb.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGINT', stop);
  process.once('SIGTERM', stop);
}

serve().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
