import http from 'node:http';
import { v2 as cloudinary } from 'cloudinary';
import mongoose, { Schema } from 'mongoose';
import { cleanupFor, imageCleanup } from '../../lib/index.js'; // in your app: 'mongoose-image-cleanup'
import { cloudinaryProvider } from '../../lib/providers/cloudinary/index.js'; // 'mongoose-image-cleanup/cloudinary'
import { CloudinaryServer, sdkOptionsFor } from '../../spec/support/cloudinary/index.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js'; // in your app: your own server

const PIXEL = 'data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';
const FOLDER = 'mongoose-image-cleanup-example';

/**
 * With CLOUDINARY_URL: your account, in one folder. Without: the Cloudinary server that the specs of this repository
 * use.
 */
async function account() {
  if (process.env['CLOUDINARY_URL']) {
    return { name: `the cloud ${cloudinary.config().cloud_name}`, sdkOptions: {}, stop: async () => {} };
  }
  const server = await new CloudinaryServer().start();
  const agent = new http.Agent({ keepAlive: true });
  const sdkOptions = { ...sdkOptionsFor(server), agent };
  const stop = async (): Promise<void> => {
    agent.destroy();
    await server.stop();
  };
  return { name: 'a local server (set CLOUDINARY_URL for a real account)', sdkOptions, stop };
}

async function main(): Promise<void> {
  const mongodb = await startMongoDB();
  const { name, sdkOptions, stop } = await account();
  console.log(mongodb.description);
  console.log(`Cloudinary: ${name}`);
  await mongoose.connect(mongodb.uri);

  const albumSchema = new Schema({
    image: { type: String, index: true },
    cover: { public_id: { type: String, index: true }, resource_type: String },
  });
  albumSchema.plugin(imageCleanup, {
    fields: ['image', 'cover'],
    provider: cloudinaryProvider({ cloudinary, sdkOptions }),
    onEvent: ({ outcome, asset, reason, error }) =>
      console.log(`    ${outcome} ${asset?.key ?? ''} ${reason ?? ''}${error?.message ?? ''}`),
  });
  const Album = mongoose.model('Album', albumSchema);
  await Album.init();

  const upload = (id: string) =>
    cloudinary.uploader.upload(PIXEL, { ...sdkOptions, public_id: `${FOLDER}/${id}`, overwrite: true });
  const paris = await upload('paris');
  const rome = await upload('rome');

  const album = await Album.create({ image: paris.secure_url });
  const other = await Album.create({
    cover: { public_id: rome.public_id, resource_type: rome.resource_type },
  });
  console.log(`uploaded ${paris.secure_url}`);
  console.log(`     and ${rome.secure_url}`);

  console.log('the image is replaced by one that is also the cover of another album');
  album.image = rome.secure_url;
  await album.save();

  console.log('the other album is deleted: rome stays, because a document still uses it in another form');
  await other.deleteOne();

  console.log('rome is removed from the last document that uses it');
  await Album.updateOne({ _id: album._id }, { $unset: { image: 1 } });

  await cleanupFor(mongoose).close();
  await mongoose.connection.dropCollection('albums');
  await mongoose.disconnect();
  await stop();
  await mongodb.stop();
}

void main();
