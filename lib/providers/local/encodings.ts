/** A name that all encoders leave unchanged, apart from its slashes. */
const PLAIN = /^[\w.~/-]+$/;

/** Every spelling of a name that browsers, templates and libraries write. Each of them is the name, or decodes to it. */
export function encodingsOf(name: string): readonly string[] {
  if (PLAIN.test(name) && !name.includes('/')) return [name];
  const usual = [
    ...new Set([
      name,
      encodeURI(name),
      bySegment(name, encodeURIComponent),
      encodeURIComponent(name),
      ...byUrl(name),
      bySegment(name, encodeRfc3986),
    ]),
  ];
  return [...new Set([...usual, ...usual.slice(1).map(withLowerHex)])];
}

function bySegment(name: string, encode: (segment: string) => string): string {
  return name.split('/').map(encode).join('/');
}

/** As `new URL()` and a browser's address bar write a path: `[`, `]` and other characters stay. */
function byUrl(name: string): string[] {
  const url = new URL('http://localhost');
  url.pathname = `/${name}`;
  const written = url.pathname.slice(1);
  // a name that contains `%41` is not encoded by them, and a backslash becomes a slash, so these are addresses of other
  // files
  try {
    return decodeURIComponent(written) === name ? [written] : [];
  } catch {
    return [];
  }
}

function encodeRfc3986(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function withLowerHex(encoded: string): string {
  return encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase());
}
