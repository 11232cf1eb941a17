// docs: class
import { getModelForClass, plugin, prop } from '@typegoose/typegoose';
import { imageCleanup, localProvider, type ImageCleanupOptions } from 'mongoose-image-cleanup';

export const UPLOADS = process.env.UPLOADS ?? 'uploads';
const provider = localProvider({ root: UPLOADS });

@plugin(imageCleanup, { provider } satisfies ImageCleanupOptions)
export class AlbumClass {
  @prop({ type: String, required: true })
  public title!: string;

  @prop({ type: String, index: true, imageCleanup: true })
  public image?: string;
}

export const Album = getModelForClass(AlbumClass, { options: { customName: 'Album' } });
// docs: end
