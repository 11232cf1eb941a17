import mongoose, { Schema, type Connection } from 'mongoose';
import { cleanupFor, imageCleanup, localProvider } from '../../lib/index.js';

/** The models of the writers, for a process that does nothing but deliver what they left behind. */
export function workOn(connection: Connection, root: string): { runDue(): Promise<unknown> } {
  const schema = new Schema({ image: String, gallery: [String] }, { collection: 'albums' });
  schema.plugin(imageCleanup, {
    fields: ['image', 'gallery'],
    provider: localProvider({ root }),
    journal: true,
    logger: { warn: () => undefined, error: () => undefined },
  });
  connection.model('Album', schema);
  return cleanupFor(connection);
}

/** A process that delivers until it is killed. */
async function main(uri: string, root: string): Promise<void> {
  const worker = workOn(await mongoose.createConnection(uri).asPromise(), root);
  for (;;) await worker.runDue();
}

if (require.main === module) {
  main(process.argv[2]!, process.argv[3]!).catch((error: unknown) => {
    console.error(error);
    process.exitCode = 1;
  });
}
