import express, { type Request, type Response } from 'express';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Schema, type Connection } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import type { AnyDocumentModel } from './test-app.js';
import type { Uploads } from './uploads.js';

/** What a document of the catalogue has, as stored. */
export interface Stored {
  readonly name: string;
  readonly password: string;
  readonly image?: string;
  readonly pictures: readonly string[];
}

const open = new Set<Server>();

/**
 * A shop's catalogue as courses teach it: documents store bare names, and hooks put the address of the server before
 * them, "so that the response has the full URL". The hooks also run before each `save()`, which then stores the URLs.
 */
export class Catalogue {
  readonly model: AnyDocumentModel;
  readonly #server: Server;

  private constructor(model: AnyDocumentModel, server: Server) {
    this.model = model;
    this.#server = server;
  }

  /** The plugin's options may need the port, which is known by then. */
  static async open(
    connection: Connection,
    uploads: Uploads,
    optionsOf: (host: string) => ImageCleanupOptions,
  ): Promise<Catalogue> {
    const app = express();
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const host = `127.0.0.1:${String((server.address() as AddressInfo).port)}`;
    const model = modelOf(connection, `http://${host}/uploads/`, optionsOf(host));
    app.use(express.json());
    app.use('/uploads', express.static(uploads.root));
    addRoutes(app, model, uploads);
    app.use(((error, _request, response, _next) => {
      response.status(500).json({ problem: String(error) });
    }) as express.ErrorRequestHandler);
    open.add(server);
    return new Catalogue(model, server);
  }

  /** A request as a browser's page sends it; the answer's JSON. */
  async send(
    method: string,
    path: string,
    body?: object,
  ): Promise<{ status: number; body: Stored & { _id: string } }> {
    const { port } = this.#server.address() as AddressInfo;
    const answer = await fetch(`http://127.0.0.1:${String(port)}${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Stored & { _id: string } };
  }

  /** The documents as MongoDB has them, past every hook. */
  async stored(): Promise<Stored[]> {
    return (await this.model.collection.find().toArray()) as unknown as Stored[];
  }
}

/** To be called in `afterEach` by specs that open one. */
export async function closeCatalogues(): Promise<void> {
  for (const server of open) {
    open.delete(server);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

function modelOf(connection: Connection, base: string, options: ImageCleanupOptions): AnyDocumentModel {
  const schema = new Schema({ name: String, password: String, image: String, pictures: [String] });
  const withFullUrls = (document: { image?: string; pictures?: string[] }): void => {
    if (document.image) document.image = base + document.image;
    if (document.pictures) document.pictures = document.pictures.map((name) => base + name);
  };
  schema.post('init', withFullUrls as never);
  schema.post('save', withFullUrls as never);
  schema.plugin(imageCleanup, { ...options, fields: ['image', 'pictures'] });
  return connection.model('Product', schema) as unknown as AnyDocumentModel;
}

type Handler = (request: Request, response: Response) => Promise<void>;

function addRoutes(app: express.Express, model: AnyDocumentModel, uploads: Uploads): void {
  app.post('/products', (async ({ body }, response) => {
    const { image, pictures, ...rest } = body as Stored;
    await uploads.put(...(image === undefined ? [] : [image]), ...pictures);
    response.status(201).json(await model.create({ image, pictures, ...rest }));
  }) as Handler);
  app.get('/products/:id', (async (request, response) => {
    response.json(await model.findById(request.params['id']));
  }) as Handler);
  // as courses write it: update, then save, "to trigger the hooks"
  app.put('/products/:id', (async (request, response) => {
    const product = await model.findByIdAndUpdate(request.params['id'], request.body as object, {
      returnDocument: 'after',
    });
    await product.save();
    response.json(product);
  }) as Handler);
  app.put('/products/:id/password', (async (request, response) => {
    const product = await model.findById(request.params['id']);
    product.password = (request.body as Stored).password;
    await product.save();
    response.json(product);
  }) as Handler);
  app.put('/products/:id/image', (async (request, response) => {
    const [image] = await uploads.put((request.body as { image: string }).image);
    const product = await model.findById(request.params['id']);
    product.image = image;
    await product.save();
    response.json(product);
  }) as Handler);
  app.put('/products/:id/pictures/:index', (async (request, response) => {
    const [picture] = await uploads.put((request.body as { picture: string }).picture);
    const product = await model.findById(request.params['id']);
    product.pictures.set(Number(request.params['index']), picture);
    await product.save();
    response.json(product);
  }) as Handler);
  app.delete('/products/:id', (async (request, response) => {
    const product = await model.findById(request.params['id']);
    await product.deleteOne();
    response.json(product);
  }) as Handler);
}
