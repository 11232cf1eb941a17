import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { getModelToken } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { Album } from './album.schema.js';
import { AppModule, AppModuleWithConnectionPlugin } from './app.module.js';

const UPLOADS = process.env.UPLOADS!;

/** Tests build an app for each file: the factories of one process run again, on the same schema. */
async function main(): Promise<void> {
  const warnings: unknown[] = [];
  console.warn = (warning) => warnings.push(warning);
  for (const module of [AppModule, AppModule, AppModuleWithConnectionPlugin, AppModuleWithConnectionPlugin]) {
    const app = await NestFactory.create(module, { logger: ['warn', 'error'] });
    await app.init();
    const albums = app.get<Model<Album>>(getModelToken(Album.name));
    await writeFile(path.join(UPLOADS, 'a.png'), 'a');
    await albums.create({ title: 'Rome', image: '/uploads/a.png' });
    await albums.deleteMany({});
    assert.deepEqual(await readdir(UPLOADS), [], `${module.name} leaves the file of a deleted album`);
    await app.close();
  }
  assert.deepEqual(warnings, []);
}

void main();
