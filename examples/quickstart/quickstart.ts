import { mkdtemp, mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import mongoose, { Schema } from 'mongoose';
import { cleanupFor, imageCleanup, localProvider } from '../../lib/index.js'; // in your app: 'mongoose-image-cleanup'
import { startMongoDB } from '../../spec/support/mongodb/index.js'; // in your app: your own server

const PNG =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==';

async function main(): Promise<void> {
  const mongodb = await startMongoDB();
  console.log(mongodb.description);
  await mongoose.connect(mongodb.uri);
  const folder = await mkdtemp(path.join(tmpdir(), 'quickstart-'));
  const root = path.join(folder, 'uploads');
  await mkdir(root);
  for (const name of ['paris.png', 'rome.png', 'team.png'])
    await writeFile(path.join(root, name), PNG, 'base64');
  const show = async (step: string): Promise<void> => {
    console.log(step.padEnd(60), (await readdir(root)).join('  ') || '(empty)');
  };

  const albumSchema = new Schema({
    image: { type: String, index: true },
    gallery: { type: [String], index: true },
  });
  albumSchema.plugin(imageCleanup, { fields: ['image', 'gallery'], provider: localProvider({ root }) });
  const Album = mongoose.model('Album', albumSchema);

  const album = await Album.create({ image: '/uploads/paris.png', gallery: ['/uploads/team.png'] });
  const other = await Album.create({ gallery: ['/uploads/team.png'] });
  await show('two albums share team.png');
  album.image = '/uploads/rome.png';
  await album.save();
  await show("album.image = '/uploads/rome.png'; await album.save()");
  await Album.updateOne({ _id: album._id }, { $unset: { image: 1 } });
  await show('await Album.updateOne({ _id }, { $unset: { image: 1 } })');
  await album.deleteOne();
  await show('await album.deleteOne()            team.png is still used');
  await Album.deleteMany({ _id: other._id });
  await show('await Album.deleteMany({ _id })    no document uses it now');

  await cleanupFor(mongoose).close();
  await mongoose.disconnect();
  await mongodb.stop();
  await rm(folder, { recursive: true });
}

void main();
