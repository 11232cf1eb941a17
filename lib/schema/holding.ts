import type { Schema } from 'mongoose';
import { once, spotsOf } from './walk.js';
import { isFree } from './tracked-field.js';
import { heldBy, type TypeInside } from './type-inside.js';
import type { TextReader } from '../texts/text-reader.js';

/** Types whose values never name a file. Types that an app or another plugin defines may hold anything. */
const WITHOUT_NAMES = new Set([
  'Number',
  'Boolean',
  'Date',
  'Decimal128',
  'Buffer',
  'BigInt',
  'Int32',
  'Double',
]);

/** The paths at which upload results name their file, such as those of multer, multer-s3 and Cloudinary. */
const NAMING = ['path', 'url', 'secure_url', 'location', 'key', 'public_id', 'publicId', 'filename'];

/**
 * HTML and Markdown are strings; the other formats of texts may be objects of any shape.
 *
 * @throws TypeError if no possible value can name a file or, with `text`, be such a text, so that the field would have
 * no effect.
 */
export function checkHolding(
  path: string,
  types: readonly (TypeInside | undefined)[],
  text?: Pick<TextReader, 'format'>,
): void {
  const isObjectToo = text?.format !== 'html' && text?.format !== 'markdown';
  const held = types.flatMap(heldBy);
  const isFit = (type: TypeInside | undefined): boolean => {
    if (!type?.schema) return !WITHOUT_NAMES.has(type?.instance ?? '');
    return text ? isObjectToo : isUploadResult(type.schema);
  };
  if (held.some(isFit)) return;
  const below = held.flatMap((type) => (type?.schema ? stringsIn(type.schema) : []));
  const kinds = held.map((type) => (type?.schema ? 'sub-documents' : (type?.instance ?? 'unknown')));
  refuse(path, [...new Set(kinds)].join(', '), below);
}

/** @throws TypeError for a nested object that is not an upload result; `below` are the paths of its strings. */
export function checkNestedHolding(path: string, below: readonly string[] | undefined): void {
  if (below !== undefined && !below.some((name) => NAMING.includes(name)))
    refuse(path, 'a nested object', below);
}

function refuse(path: string, kind: string, below: readonly string[]): never {
  const names = [...new Set(below)].map((name) => `"${path}.${name}"`);
  const advice =
    names.length > 0
      ? `name the path that does: ${names.join(', ')}`
      : 'name a path of strings, or of results of an upload';
  throw new TypeError(`imageCleanup: the field "${path}" (${kind}) cannot hold an image; ${advice}`);
}

/** True also for a schema that does not say what it holds. */
function isUploadResult(schema: Schema): boolean {
  if (isFree(schema)) return true;
  const spots = [...spotsOf(schema, () => false)].filter(({ path }) => path !== '_id');
  if (spots.length === 0) return true;
  return spots.some(
    ({ path, whole: { instance = '' } }) =>
      NAMING.includes(path) && (instance === 'Mixed' || !WITHOUT_NAMES.has(instance)),
  );
}

/** The paths of a schema's strings, including those of sub-documents at any depth. */
function stringsIn(schema: Schema): string[] {
  return [...spotsOf(schema, once)].filter(({ type }) => type.instance === 'String').map(({ path }) => path);
}
