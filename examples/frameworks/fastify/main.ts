import mongoose from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';
import { app } from './app.js';

// docs: shutdown
app.addHook('onClose', async () => {
  await cleanupFor(mongoose).close({ timeoutMs: 5000 }); // finishes the removals that have begun
  await mongoose.disconnect();
});
process.once('SIGTERM', () => void app.close());
// docs: end

await mongoose.connect(process.env.MONGODB_URI!);
const address = await app.listen({ port: Number(process.env.PORT ?? 3000), host: '127.0.0.1' });
console.log(`listening on ${address}`);
