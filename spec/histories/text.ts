import type { Said } from './reading.js';

/** An article as the histories write it: what stands in its images, escaped as HTML wants it. */
export function articleOf(values: readonly unknown[]): string {
  const images = values.map((value) => `<img src="${escaped(String(value))}" alt="">`);
  return `<p>Words, and images:</p>${images.join(' ')}`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
}

/** What the images of an article say; what is no article is one of its images, as events have it. */
export function readArticle(value: unknown, read: (value: unknown) => Said): Said {
  const text = String(value);
  const images = text.startsWith('<p>Words')
    ? [...text.matchAll(/<img src="([^"]*)" alt="">/g)].map(([, image]) => unescaped(image!))
    : [value];
  const all = images.map(read);
  const sure = new Set(all.flatMap(({ listed }) => [...listed]));
  const others = all.flatMap(({ meant, mentioned }) => [...meant, ...mentioned]);
  return {
    meant: sure,
    // texts are searched, however large their collection is
    listed: new Set([...sure, ...others]),
    // nothing is told of an image in a spelling that is never removed
    mentioned: new Set(others.filter((file) => !sure.has(file))),
    elsewhere: new Set(all.flatMap(({ elsewhere }) => [...elsewhere])),
    parts: all,
  };
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&quot;', '"').replaceAll('&amp;', '&');
}
