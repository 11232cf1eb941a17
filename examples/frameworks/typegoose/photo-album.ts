import { getModelForClass, plugin, prop } from '@typegoose/typegoose';
import { imageCleanup, localProvider, type ImageCleanupOptions } from 'mongoose-image-cleanup';
import { AlbumClass, UPLOADS } from './album.js';

const provider = localProvider({ root: UPLOADS });

// docs: child
class Photo {
  @prop({ type: String, index: true, imageCleanup: true })
  public url?: string;
}

@plugin(imageCleanup, { fields: ['cover'], provider } satisfies ImageCleanupOptions)
export class PhotoAlbumClass extends AlbumClass {
  @prop({ type: String, index: true })
  public cover?: string;

  @prop({ type: () => [Photo] })
  public photos?: Photo[];
}

export const PhotoAlbum = getModelForClass(PhotoAlbumClass); // tracks image, cover and photos.url
// docs: end
