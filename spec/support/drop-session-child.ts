import mongoose, { Schema, type ClientSession } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { MemoryStorage } from './memory-storage.js';

/** The driver itself holds every session that has not ended; taken out there, only we could hold it. */
interface ClientInside {
  s: { activeSessions: Set<ClientSession> };
}

async function main(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise();
  const schema = new Schema({ image: String });
  schema.plugin(imageCleanup, { fields: ['image'], provider: new MemoryStorage().provider() });
  const Album = connection.model('Album', schema);
  await Album.createCollection();
  await Album.create({ image: 'a.png' });
  const dropped = await openAndDrop();
  for (let round = 0; round < 20 && dropped.deref(); round++) {
    // `deref` itself holds the session until the end of its turn
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc!();
  }
  console.log(dropped.deref() ? 'still held' : 'collected');
  await connection.destroy(true);

  async function openAndDrop(): Promise<WeakRef<ClientSession>> {
    const session = await connection.startSession();
    session.startTransaction();
    await Album.updateOne({}, { image: 'b.png' }, { session });
    (connection.getClient() as unknown as ClientInside).s.activeSessions.delete(session);
    return new WeakRef(session);
  }
}

main(process.argv[2]!).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
