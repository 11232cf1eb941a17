/** What every editor gets to show: names as apps store them, in the address that an upload's answer gives the editor. */
export const PICTURES = {
  plain: '/uploads/plain.png',
  list: '/uploads/in-a-list.png',
  table: '/uploads/in-a-table.png',
  caption: '/uploads/with-a-caption.png',
  linked: '/uploads/linked.png',
  target: '/uploads/link-target.png',
};

/** Names that a text has to escape, or that a careless reader cuts short: raw, encoded, and with a query. */
export const AWKWARD = [
  { name: 'a b.png', src: '/uploads/a b.png' },
  { name: 'c d.png', src: '/uploads/c%20d.png' },
  { name: "it's.png", src: "/uploads/it's.png" },
  { name: 'ü.png', src: '/uploads/ü.png' },
  { name: 'ö.png', src: '/uploads/%C3%B6.png' },
  { name: 'a&b.png', src: '/uploads/a&b.png' },
  { name: 'a,b.png', src: '/uploads/a,b.png' },
  { name: 'a(1).png', src: '/uploads/a(1).png' },
  { name: 'query.png', src: '/uploads/query.png?width=300&v=2' },
  { name: 'host.png', src: 'https://cdn.example.com/uploads/host.png' },
];

/** The names of the files behind addresses of `PICTURES`. */
export const namesOf = (...urls) => urls.map((url) => url.replace('/uploads/', ''));

export const AWKWARD_NAMES = AWKWARD.map(({ name }) => name);

/** An element of the page for an editor to live in. */
export function place() {
  const element = document.createElement('div');
  document.body.append(element);
  return element;
}
