import type { Request, Response } from 'express';
import multer from 'multer';
import { randomBytes, randomInt } from 'node:crypto';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { imageTypeOf, type ImageExtension } from './image-type.js';
import { Problem } from './problems.js';

/** The images of a form, as the documents store them: `/uploads/amber-otter-1f2e3d4c.png`. */
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

export interface Receiving {
  /** The folder into which multer writes; it is not served. */
  readonly incoming: string;
  readonly uploads: string;
  /** Called with the values that documents will store, before the files are stored. */
  readonly announce?: (images: string[]) => Promise<void>;
}

/**
 * Accepts the images of a form. Only files whose content is an image are moved to `uploads`, under a name that is
 * created here. Either all files of a form are accepted, or none.
 */
export function imageReceiver({ incoming, uploads, announce }: Receiving) {
  const form = multer({
    storage: multer.diskStorage({
      destination: incoming,
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
    const all = [...images, ...avatar];
    const taken: string[] = [];
    try {
      const names: string[] = [];
      for (const file of all) names.push(`${friendlyName()}.${await typeOf(file)}`);
      const urls = names.map((name) => `/uploads/${name}`);
      await announce?.(urls);
      for (const [index, file] of all.entries()) {
        const target = path.join(uploads, names[index]!);
        await rename(file.path, target);
        taken.push(target);
      }
      return { images: urls.slice(0, images.length), avatar: urls[images.length] };
    } catch (error) {
      // no document uses these names yet
      for (const file of taken) await rm(file, { force: true });
      throw error;
    } finally {
      for (const file of all) await rm(file.path, { force: true });
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

/** A name that is easy to recognise on the page, and is never used twice. It contains nothing of the client's file name. */
function friendlyName(): string {
  const one = (words: readonly string[]): string => words[randomInt(words.length)]!;
  return `${one(COLOURS)}-${one(ANIMALS)}-${randomBytes(4).toString('hex')}`;
}
