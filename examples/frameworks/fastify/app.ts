// docs: app
import multipart from '@fastify/multipart';
import Fastify, { type FastifyRequest } from 'fastify';
import { cleanupFor } from 'mongoose-image-cleanup';
import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Album, UPLOADS } from './album.js';

declare module 'fastify' {
  interface FastifyRequest {
    image?: string;
  }
}

export const app = Fastify();
app.register(multipart, { limits: { fileSize: 5 * 1024 * 1024, files: 1 } });
app.decorateRequest('image');

/** Writes the file of a form to the folder, and returns the form's other fields. */
async function receive(request: FastifyRequest): Promise<Record<string, unknown>> {
  const fields: Record<string, unknown> = {};
  for await (const part of request.parts()) {
    if (part.type === 'field') {
      fields[part.fieldname] = part.value;
      continue;
    }
    const name = `${randomUUID()}${path.extname(part.filename)}`;
    request.image = `/uploads/${name}`;
    await pipeline(part.file, createWriteStream(path.join(UPLOADS, name)));
  }
  return fields;
}

app.post('/albums', async (request, reply) => {
  const { title } = await receive(request);
  return reply.code(201).send(await Album.create({ title: title as string, image: request.image }));
});

app.put<{ Params: { id: string } }>('/albums/:id/image', async (request) => {
  await receive(request);
  const { image } = request;
  // the old file is removed
  return Album.findByIdAndUpdate(request.params.id, { image }, { returnDocument: 'after' }).orFail();
});

app.delete<{ Params: { id: string } }>('/albums/:id', async (request, reply) => {
  await Album.deleteOne({ _id: request.params.id }); // the file is removed unless another document uses it
  return reply.code(204).send();
});

app.addHook('onError', async (request) => {
  // uploaded, or half of it, but no document was saved with it
  if (request.image) await cleanupFor(Album).removeUnused([request.image]);
});
// docs: end

app.patch<{ Params: { id: string }; Body: { title: string } }>('/albums/:id', async (request, reply) => {
  await Album.updateOne({ _id: request.params.id }, { title: request.body.title }).orFail();
  return reply.code(204).send();
});

app.post<{ Params: { id: string } }>('/albums/:id/copies', async (request, reply) => {
  const { title, image } = await Album.findById(request.params.id).orFail();
  return reply.code(201).send(await Album.create({ title: `${title} (copy)`, image }));
});

app.setErrorHandler((error: Error & { statusCode?: number }, _request, reply) => {
  const statuses: Record<string, number> = { ValidationError: 400, DocumentNotFoundError: 404 };
  return reply.code(statuses[error.name] ?? error.statusCode ?? 500).send({ message: error.message });
});
