import { open } from 'node:fs/promises';

/** The formats that the gallery accepts and serves. SVG is not one of them, since it may contain scripts. */
export const IMAGE_EXTENSIONS = ['png', 'jpg', 'gif', 'webp', 'avif'] as const;
export type ImageExtension = (typeof IMAGE_EXTENSIONS)[number];

/** Names of files that are listed, served and offered for removal: no folders, no dot files, only images. */
export const IMAGE_NAME = /^[a-z0-9][\w-]{0,99}\.(png|jpe?g|gif|webp|avif)$/i;

/**
 * The format of an image according to its first bytes, whatever its name and the browser say; `null` if it is not an
 * image.
 */
export async function imageTypeOf(path: string): Promise<ImageExtension | null> {
  const file = await open(path);
  try {
    const head = Buffer.alloc(16);
    const { bytesRead } = await file.read(head, 0, head.length, 0);
    return typeOfBytes(head.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}

function typeOfBytes(head: Buffer): ImageExtension | null {
  const text = head.toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'png';
  if (text.startsWith('\xff\xd8\xff')) return 'jpg';
  if (text.startsWith('GIF87a') || text.startsWith('GIF89a')) return 'gif';
  if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return 'webp';
  if (text.slice(4, 8) === 'ftyp' && /^avi[fs]$/.test(text.slice(8, 12))) return 'avif';
  return null;
}
