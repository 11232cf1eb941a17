/**
 * File extensions under which Cloudinary delivers images and videos (the poster of a video is a `.jpg`). In a URL, they
 * are not part of the public id. Any other extension is part of the id, as in `16_www.site.com`.
 */
const DELIVERED = new Set(
  (
    'ai apng arw avif bmp bw cr2 cr3 djvu dng eps eps3 ept fbx flif gif glb gltf hdp heic heif ico indd jp2 jpc jpe jpeg jpg ' +
    'jxl jxr obj pdf ply png ps psd rw2 svg tga tif tiff u3ma usdz wdp webp ' +
    '3g2 3gp avi flv m2ts m3u8 m4v mkv mov mp4 mpd mpeg mpg mts mxf ogv ts webm wmv ' +
    'aac aif aiff amr flac m4a mp3 oga ogg opus wav'
  ).split(' '),
);

/** Splits the last extension off a name; `null` if there is none. */
export function splitExtension(name: string): { readonly stem: string; readonly extension: string } | null {
  const dot = name.lastIndexOf('.');
  if (dot <= 0 || dot === name.length - 1 || name[dot - 1] === '/') return null;
  return { stem: name.slice(0, dot), extension: name.slice(dot + 1) };
}

/** Whether Cloudinary delivers images or videos under this extension, in upper or lower case. */
export function isDelivered(extension: string): boolean {
  return DELIVERED.has(extension.toLowerCase());
}
