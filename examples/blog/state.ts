import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { IMAGE_NAME } from '../gallery/image-type.js';
import type { PostModel } from './models.js';

/** Everything that the page shows. */
export interface BlogState {
  readonly posts: readonly { id: string; title: string; pictures: number }[];
  readonly files: readonly { name: string; url: string; size: number; usedBy: string[] }[];
}

/** Reads from the text of each post which files it shows, as a browser would; does not ask the library. */
export async function readState(Post: PostModel, uploads: string): Promise<BlogState> {
  const [posts, names] = await Promise.all([Post.find().sort({ _id: -1 }).lean(), readdir(uploads)]);
  const files = await Promise.all(
    names
      .filter((name) => IMAGE_NAME.test(name))
      .sort()
      .map(async (name) => {
        const size = await stat(path.join(uploads, name)).then(
          (found) => found.size,
          () => -1,
        );
        const usedBy = posts.filter(({ body }) => body.includes(name)).map(({ title }) => title);
        return { name, url: `/uploads/${name}`, size, usedBy };
      }),
  );
  return {
    posts: posts.map(({ _id, title, body }) => ({
      id: String(_id),
      title,
      pictures: body.match(/<img\b/g)?.length ?? 0,
    })),
    // a file that was removed while the folder was read has no size
    files: files.filter(({ size }) => size >= 0),
  };
}
