import { mongoose } from '@typegoose/typegoose';
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Album, UPLOADS } from './album.js';
import { PhotoAlbum } from './photo-album.js';

const files = async (): Promise<string[]> => (await readdir(UPLOADS)).sort();

/** A child class tracks what its parent class tracks, too. */
async function main(): Promise<void> {
  await mongoose.connect(process.env.MONGODB_URI!);
  for (const name of ['a.png', 'b.png', 'c.png', 'd.png', 'e.png'])
    await writeFile(path.join(UPLOADS, name), name);
  const photos = [{ url: 'c.png' }, { url: 'd.png' }];
  await PhotoAlbum.create({ title: 'Rome', image: 'a.png', cover: 'e.png', photos });
  await PhotoAlbum.create({ title: 'Pisa', cover: 'b.png' });
  const copy = await Album.create({ title: 'Rome', image: 'b.png' });
  await PhotoAlbum.updateOne({}, { $pull: { photos: { url: 'c.png' } } });
  assert.deepEqual(await files(), ['a.png', 'b.png', 'd.png', 'e.png']);
  await PhotoAlbum.deleteMany({});
  assert.deepEqual(await files(), ['b.png'], 'the one cover stays that another album has as its image');
  await copy.deleteOne();
  assert.deepEqual(await files(), []);
  await mongoose.disconnect();
}

void main();
