import { expect } from 'chai';
import { closeTestApps, testApp } from '../support/test-app.js';

/** A name, and a text that shows the file under an escape that Markdown, style sheets or JSON need, or take without need. */
const TEXTS: readonly (readonly [name: string, format: 'html' | 'markdown' | 'json', text: string])[] = [
  ['photo(1).png', 'markdown', '![x](/uploads/photo\\(1\\).png)'],
  ['my_photo.png', 'markdown', '![x](/uploads/my\\_photo\\.png)'],
  ['my-photo.png', 'markdown', 'See my\\-photo.png'],
  ['a[1].png', 'markdown', '![x][a]\n\n[a]: /uploads/a\\[1\\].png'],
  ['a(1).png', 'html', '<p style="background: url(/uploads/a\\(1\\).png)">'],
  ['a b.png', 'html', '<p style="background: url(/uploads/a\\20 b.png)">'],
  ['photo.png', 'html', '<style>p { background: url(/uploads/ph\\6f to\\2e png) }</style>'],
  [
    "it's(1).png",
    'json',
    JSON.stringify({ html: "<p style='background: url(/uploads/it\\&apos;s\\28 1\\).png)'>" }),
  ],
  ['photo.png', 'json', JSON.stringify({ text: 'Files:\nphoto.png' })],
  ['photo.png', 'json', JSON.stringify({ text: JSON.stringify({ text: '1\tphoto.png' }) })],
  ['a%20b.png', 'json', JSON.stringify({ text: 'Files:\na%20b.png' })],
  ['a&amp;b.png', 'json', JSON.stringify({ text: 'Files:\na&amp;b.png' })],
  ['a&amp;b%20c.png', 'html', '<code>/uploads/a&amp;amp;b%20c.png</code>'],
];

describe('escapes in texts that stay', () => {
  afterEach(closeTestApps);

  for (const [name, format, text] of TEXTS) {
    it(`${format} that shows ${name} as ${JSON.stringify(text)} keeps it`, async () => {
      const app = await testApp();
      await app.uploads.put(name);
      const Post = app.model(
        'Post',
        { image: String, text: String },
        { fields: ['image', { path: 'text', in: format }], mentionsUpTo: 0 },
      );
      await Post.create({ text });
      await Post.create({ image: name });
      await Post.deleteOne({ image: name });
      expect(await app.uploads.names()).to.deep.equal([name]);
    });
  }
});
