import type { Request, Response } from 'express';
import multer from 'multer';
import { randomBytes, randomInt } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { imageTypeOf, type ImageExtension } from './image-type.js';
import { Problem } from './problems.js';

/** What a form brought, as the documents store it: `/uploads/amber-otter-1f2e3d4c.png`. */
export interface Received {
  readonly images: string[];
  readonly avatar: string | undefined;
}

const LIMITS = {
  fileSize: 5 * 1024 * 1024,
  files: 13,
  fields: 10,
  parts: 24,
  fieldSize: 2_000,
  fieldNameSize: 40,
};
const FIELDS = [
  { name: 'images', maxCount: 12 },
  { name: 'avatar', maxCount: 1 },
];

/**
 * Takes the images of a form in. multer writes them into `incoming`, which nobody serves; only what proves to be an image
 * by its content moves to `uploads`, under a name made here. Either all files of a form are taken in or none.
 */
export function imageReceiver(folders: { incoming: string; uploads: string }) {
  const form = multer({
    storage: multer.diskStorage({
      destination: folders.incoming,
      filename: (_request, _file, name) => {
        name(null, randomBytes(12).toString('hex'));
      },
    }),
    limits: LIMITS,
  }).fields(FIELDS);

  return async (request: Request, response: Response): Promise<Received> => {
    if (!request.is('multipart/form-data')) throw new Problem(400, 'Send the images as multipart/form-data.');
    await new Promise<void>((resolve, reject) => {
      form(request, response, (error: unknown) => {
        if (error === undefined || error === null) resolve();
        else reject(error as Error);
      });
    });
    const { images = [], avatar = [] } = (request.files ?? {}) as Record<string, Express.Multer.File[]>;
    const taken: string[] = [];
    try {
      const types = new Map<Express.Multer.File, ImageExtension>();
      for (const file of [...images, ...avatar]) types.set(file, await typeOf(file));
      const takeIn = async (file: Express.Multer.File): Promise<string> => {
        const name = `${friendlyName()}.${types.get(file)!}`;
        await rename(file.path, path.join(folders.uploads, name));
        taken.push(path.join(folders.uploads, name));
        return `/uploads/${name}`;
      };
      const stored: string[] = [];
      for (const image of images) stored.push(await takeIn(image));
      return { images: stored, avatar: avatar[0] && (await takeIn(avatar[0])) };
    } catch (error) {
      // no document has heard of these names yet
      for (const file of taken) await rm(file, { force: true });
      throw error;
    } finally {
      for (const file of [...images, ...avatar]) await rm(file.path, { force: true });
    }
  };
}

async function typeOf(file: Express.Multer.File): Promise<ImageExtension> {
  const type = await imageTypeOf(file.path);
  if (type) return type;
  const name = file.originalname.slice(0, 60);
  throw new Problem(415, `“${name}” is not an image. The gallery takes PNG, JPEG, GIF, WebP and AVIF.`);
}

const COLOURS = [
  'amber',
  'azure',
  'coral',
  'ivory',
  'jade',
  'lilac',
  'ochre',
  'olive',
  'pearl',
  'ruby',
  'sepia',
  'teal',
];
const ANIMALS = [
  'bee',
  'crane',
  'deer',
  'finch',
  'fox',
  'hare',
  'heron',
  'lynx',
  'mole',
  'otter',
  'owl',
  'seal',
  'swan',
];

/** A name to recognise on the page, never used twice. Nothing of the client's file name is in it. */
function friendlyName(): string {
  const one = (words: readonly string[]): string => words[randomInt(words.length)]!;
  return `${one(COLOURS)}-${one(ANIMALS)}-${randomBytes(4).toString('hex')}`;
}
