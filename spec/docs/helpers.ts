// What every example in README and docs can use in its hidden lines.
import { mkdir, readdir, writeFile } from 'node:fs/promises';

/** Chai's, of the spec that runs the example. */
export const expect = (globalThis as unknown as { exampleExpect: Chai.ExpectStatic }).exampleExpect;

/** Puts files into the folder `uploads` of the working directory. */
export async function put(...names: string[]): Promise<void> {
  await mkdir('uploads', { recursive: true });
  for (const name of names) await writeFile(`uploads/${name}`, name);
}

/** The files in `uploads`, sorted. */
export async function files(): Promise<string[]> {
  return (await readdir('uploads')).sort();
}
