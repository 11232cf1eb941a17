import type { Request } from 'express';
import { isObjectIdOrHexString } from 'mongoose';
import type { AlbumTexts } from './actions.js';
import { FAULTS, type Fault } from './faulty-storage.js';
import { Problem } from './problems.js';

export function idOf({ params }: Request): string {
  return checkedId(params['id']);
}

export function idIn(request: Request, key: string): string {
  return checkedId(textOf(request, key));
}

function checkedId(id: unknown): string {
  if (typeof id !== 'string' || !isObjectIdOrHexString(id))
    throw new Problem(400, 'This is not the id of an album.');
  return id;
}

function bodyOf(request: Request): Record<string, unknown> {
  return typeof request.body === 'object' && request.body !== null
    ? (request.body as Record<string, unknown>)
    : {};
}

/** Accepts only strings, so that no query operator gets in. */
export function textOf(request: Request, key: string): string {
  const text = bodyOf(request)[key];
  if (typeof text !== 'string' || text === '' || text.length > 200)
    throw new Problem(400, `“${key}” is missing or is not a string.`);
  return text;
}

export function textsOf(request: Request): AlbumTexts {
  const { title, tag, owner } = bodyOf(request);
  const texts = { title, tag, owner };
  for (const [key, text] of Object.entries(texts)) {
    if (text !== undefined && typeof text !== 'string') throw new Problem(400, `“${key}” must be a string.`);
  }
  return texts as AlbumTexts;
}

export function imagesOf(request: Request): string[] {
  const { images } = bodyOf(request);
  if (!Array.isArray(images) || images.length > 50 || !images.every((image) => typeof image === 'string')) {
    throw new Problem(400, '“images” must be the images of the album in their new order.');
  }
  return images as string[];
}

export function faultOf(text: string): Fault {
  const fault = FAULTS.find((one) => one === text);
  if (!fault) throw new Problem(400, `“fault” must be one of ${FAULTS.join(', ')}.`);
  return fault;
}
