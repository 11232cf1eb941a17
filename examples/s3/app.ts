import { randomUUID } from 'node:crypto';
import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import { Schema, type Model, type Mongoose } from 'mongoose';
import multer from 'multer';
import multerS3 from 'multer-s3';
import { cleanupFor, imageCleanup, type CleanupEvent } from '../../lib/index.js'; // in your app: 'mongoose-image-cleanup'
import { s3Provider } from '../../lib/providers/s3/index.js'; // 'mongoose-image-cleanup/s3'
import type { Storage } from './storage.js';

export interface Album {
  title: string;
  image?: string;
}

export function albumModel(
  mongoose: Mongoose,
  { client, bucket }: Storage,
  onEvent: (event: CleanupEvent) => void,
): Model<Album> {
  const schema = new Schema<Album>({
    title: { type: String, required: true },
    image: { type: String, index: true },
  });
  schema.plugin(imageCleanup, { fields: ['image'], provider: s3Provider({ client, bucket }), onEvent });
  return mongoose.model('Album', schema) as unknown as Model<Album>;
}

/** Three routes. None of them removes a file that a document dropped; the plugin does. */
export function albumApp(Albums: Model<Album>, { client, bucket, prefix }: Storage): Express {
  const upload = multer({
    storage: multerS3({
      s3: client,
      bucket,
      contentType: multerS3.AUTO_CONTENT_TYPE,
      key: (_request, file, done) => done(null, `${prefix}${randomUUID().slice(0, 8)} ${file.originalname}`),
    }),
    limits: { fileSize: 20 * 1024 * 1024, files: 1 },
  }).single('image');

  const app = express();
  app.post('/albums', upload, async (request, response) => {
    const [title, image] = [titleOf(request), locationOf(request)];
    response.json(await Albums.create(image === undefined ? { title } : { title, image }));
  });
  app.put('/albums/:id/image', upload, async (request, response) => {
    const album = await Albums.findById(request.params['id']).orFail();
    album.set('image', locationOf(request));
    response.json(await album.save());
  });
  app.delete('/albums/:id', async (request, response) => {
    await Albums.deleteOne({ _id: request.params['id'] });
    response.sendStatus(204);
  });
  // the upload of a document that could not be saved is not used
  app.use(async (error: Error, request: Request, response: Response, _next: NextFunction) => {
    const location = locationOf(request);
    if (location !== undefined) await cleanupFor(Albums).removeUnused([location]);
    response.status(422).json({ error: error.message });
  });
  return app;
}

function titleOf(request: Request): string {
  return (request.body as { title?: string } | undefined)?.title ?? '';
}

/** Where multer-s3 says that the file is. */
function locationOf(request: Request): string | undefined {
  return (request.file as (Express.Multer.File & { location?: string }) | undefined)?.location;
}
