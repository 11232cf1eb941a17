// docs: app
import express, { type ErrorRequestHandler } from 'express';
import multer from 'multer';
import { cleanupFor } from 'mongoose-image-cleanup';
import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { Album, UPLOADS } from './album.js';

const upload = multer({
  limits: { fileSize: 5 * 1024 * 1024 },
  storage: multer.diskStorage({
    destination: UPLOADS,
    filename: (_req, file, done) => done(null, `${randomUUID()}${path.extname(file.originalname)}`),
  }),
});
const storedAs = (file?: Express.Multer.File) => file && `/uploads/${file.filename}`;

export const app = express();
app.use(express.json());
app.use('/uploads', express.static(UPLOADS));

app.post('/albums', upload.single('image'), async (req, res) => {
  const album = await Album.create({ title: req.body.title, image: storedAs(req.file) });
  res.status(201).json(album);
});

app.put('/albums/:id/image', upload.single('image'), async (req, res) => {
  const album = await Album.findById(req.params.id).orFail();
  album.image = storedAs(req.file);
  await album.save(); // the old file is removed
  res.json(album);
});

app.delete('/albums/:id', async (req, res) => {
  await Album.deleteOne({ _id: req.params.id }); // the file is removed unless another document uses it
  res.status(204).end();
});
// docs: end

app.patch('/albums/:id', async (req, res) => {
  const { title } = req.body as { title: string };
  await Album.updateOne({ _id: req.params.id }, { title }).orFail();
  res.status(204).end();
});

app.post('/albums/:id/copies', async (req, res) => {
  const { title, image } = await Album.findById(req.params.id).orFail();
  res.status(201).json(await Album.create({ title: `${title} (copy)`, image }));
});

const STATUSES: Readonly<Record<string, number>> = {
  ValidationError: 400,
  DocumentNotFoundError: 404,
  MulterError: 413,
};
const statusOf = (error: Error): number => STATUSES[error.name] ?? 500;

// docs: failed
const onError: ErrorRequestHandler = async (error: Error, req, res, _next) => {
  const image = storedAs(req.file);
  if (image) await cleanupFor(Album).removeUnused([image]); // uploaded, but no document was saved with it
  res.status(statusOf(error)).json({ message: error.message });
};
app.use(onError);
// docs: end
