import { Schema, type Connection, type Model } from 'mongoose';
// In your app: from 'mongoose-image-cleanup'.
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';

export interface Post {
  title: string;
  /**
   * HTML as the editor writes it. Its images are files in the uploads folder: `<img
   * src="/uploads/amber-otter-1f2e3d4c.png">`.
   */
  body: string;
}

export type PostModel = Model<Post>;

/** The only model of the app. `cleanup` has the provider of the files, and the listener for events. */
export function postModel(connection: Connection, cleanup: ImageCleanupOptions): PostModel {
  const schema = new Schema<Post>(
    {
      title: { type: String, trim: true, required: [true, 'Give the post a title.'], maxlength: 120 },
      body: { type: String, default: '', maxlength: [500_000, 'The post is too long.'] },
    },
    { timestamps: true },
  );
  // This call is all that the images need. The journal is for images that are uploaded but never saved.
  schema.plugin(imageCleanup, { fields: [{ path: 'body', in: 'html' }], journal: true, ...cleanup });
  return connection.model<Post>('Post', schema);
}
