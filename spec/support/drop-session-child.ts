import mongoose, { Schema, type ClientSession } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { MemoryStorage } from './memory-storage.js';

/** The driver itself holds every session that has not ended; taken out there, only we could hold it. */
interface ClientInside {
  s: { activeSessions: Set<ClientSession> };
}

/** Nothing holds the session by its id, by which the server still knows it. */
interface Dropped {
  readonly session: WeakRef<ClientSession>;
  readonly id: ClientSession['id'];
}

async function main(uri: string): Promise<void> {
  const connection = await mongoose.createConnection(uri).asPromise();
  const schema = new Schema({ image: String });
  schema.plugin(imageCleanup, { fields: ['image'], provider: new MemoryStorage().provider() });
  const Album = connection.model('Album', schema);
  await Album.createCollection();
  await Album.create({ image: 'a.png' });
  const { session: dropped, id } = await openAndDrop();
  for (let round = 0; round < 20 && dropped.deref(); round++) {
    // `deref` itself holds the session until the end of its turn
    await new Promise((resolve) => setImmediate(resolve));
    globalThis.gc!();
  }
  console.log(dropped.deref() ? 'still held' : 'collected');
  await connection
    .getClient()
    .db('admin')
    .command({ killSessions: [id] });
  await connection.dropDatabase();
  await connection.destroy(true);

  async function openAndDrop(): Promise<Dropped> {
    const session = await connection.startSession();
    session.startTransaction();
    await Album.updateOne({}, { image: 'b.png' }, { session });
    (connection.getClient() as unknown as ClientInside).s.activeSessions.delete(session);
    return { session: new WeakRef(session), id: session.id };
  }
}

main(process.argv[2]!).catch((error: unknown) => {
  console.error(error);
  process.exit(1);
});
