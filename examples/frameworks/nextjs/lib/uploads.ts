import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { UPLOADS } from './album';

/** Writes the file of a form to the folder, and returns what the document stores. */
export async function storeUpload(file: FormDataEntryValue | null): Promise<string | undefined> {
  if (file === null || typeof file === 'string') return undefined;
  const name = `${randomUUID()}${path.extname(file.name)}`;
  await writeFile(path.join(UPLOADS, name), Buffer.from(await file.arrayBuffer()));
  return `/uploads/${name}`;
}
