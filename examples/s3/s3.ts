import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import mongoose from 'mongoose';
import { cleanupFor } from '../../lib/index.js'; // in your app: 'mongoose-image-cleanup'
import { startMongoDB } from '../../spec/support/mongodb/index.js'; // in your app: your own server
import { albumApp, albumModel } from './app.js';
import { contentsOf, openStorage } from './storage.js';

const PIXEL = Buffer.from('R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7', 'base64');

async function main(): Promise<void> {
  const mongodb = await startMongoDB();
  const storage = await openStorage();
  console.log(mongodb.description);
  console.log(`S3: ${storage.name}`);
  await mongoose.connect(mongodb.uri);
  const Albums = albumModel(mongoose, storage, ({ outcome, asset, reason, error }) =>
    console.log(`    ${outcome} ${asset?.key ?? ''} ${reason ?? ''}${error?.message ?? ''}`),
  );
  await Albums.init();
  const server = albumApp(Albums, storage).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const step = async (told: string, act: () => Promise<unknown>): Promise<void> => {
    console.log(told);
    await act();
    await cleanupFor(mongoose).idle();
    console.log(`    the bucket: ${await contentsOf(storage)}`);
  };
  await play(server, step);
  server.close();
  await cleanupFor(mongoose).close();
  await mongoose.connection.dropCollection('albums');
  await mongoose.disconnect();
  await storage.stop();
  await mongodb.stop();
}

/** Sends the requests that a browser would send. */
async function play(
  server: Server,
  step: (told: string, act: () => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const albums = `http://127.0.0.1:${String((server.address() as AddressInfo).port)}/albums`;
  const send = async (
    method: string,
    url: string,
    fields: Record<string, string>,
  ): Promise<{ _id: string }> => {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) {
      if (name === 'image') form.set(name, new Blob([PIXEL], { type: 'image/gif' }), value);
      else form.set(name, value);
    }
    return (await (await fetch(url, { method, body: form })).json()) as { _id: string };
  };
  let trip = '';
  let copy = '';
  await step('an album with an image is created', async () => {
    trip = (await send('POST', albums, { title: 'Trip', image: 'Paris (1).gif' }))._id;
  });
  await step('an upload is refused, because its album has no title', () =>
    send('POST', albums, { image: 'lost.gif' }),
  );
  await step('the image is replaced', () => send('PUT', `${albums}/${trip}/image`, { image: 'Rome.gif' }));
  await step('another album uses the same image', async () => {
    const { image } = (await mongoose.model('Album').findById(trip).orFail()) as unknown as { image: string };
    copy = String((await mongoose.model('Album').create({ title: 'Copy', image }))._id);
  });
  await step('the first album is deleted: the other one keeps the image', () =>
    fetch(`${albums}/${trip}`, { method: 'DELETE' }),
  );
  await step('the last album that uses it is deleted', () =>
    fetch(`${albums}/${copy}`, { method: 'DELETE' }),
  );
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
