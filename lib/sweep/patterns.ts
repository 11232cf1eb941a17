/**
 * Matches names with `/` against globs: `*` and `?` match within one name, and `**` matches across folders. A backslash
 * before `*`, `?` or another backslash makes it a plain character. A pattern matches the whole name from the root of
 * the storage, so `a.png` does not match `sub/a.png`. A pattern that matches a folder matches everything in it.
 */
export function matcherOf(globs: readonly string[]): (name: string) => boolean {
  const patterns = globs.map(
    (glob) => new RegExp(`^${sourceOf(glob.replace(/^\.?\/+|\/+$/g, ''))}(?:/.*)?$`, 's'),
  );
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** The glob that matches only this name. */
export function globOf(name: string): string {
  return name.replace(/[\\*?]/g, '\\$&');
}

function sourceOf(glob: string): string {
  return glob.replace(/\\[\\*?]|\*\*\/|\*\*|[*?]|[.+^${}()|[\]\\]/g, (part) => {
    if (part === '**/') return '(?:.*/)?';
    if (part === '**') return '.*';
    if (part === '*') return '[^/]*';
    if (part === '?') return '[^/]';
    return part.length === 2 ? part : `\\${part}`;
  });
}
