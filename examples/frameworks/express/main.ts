import mongoose from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';
import type { AddressInfo } from 'node:net';
import { app } from './app.js';

async function main(): Promise<void> {
  // docs: shutdown
  await mongoose.connect(process.env.MONGODB_URI!);
  const server = app.listen(Number(process.env.PORT ?? 3000), '127.0.0.1');
  process.once('SIGTERM', async () => {
    await new Promise((closed) => server.close(closed));
    await cleanupFor(mongoose).close({ timeoutMs: 5000 }); // finishes the removals that have begun
    await mongoose.disconnect();
  });
  // docs: end
  server.once('listening', () => {
    console.log(`listening on http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
  });
}

void main();
