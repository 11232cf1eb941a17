/**
 * Globs over names with `/`: `*` and `?` stay within one name, `**` goes through folders; a backslash before `*`, `?` or
 * another backslash takes it for itself. A pattern means the whole name from the root of the storage, so `a.png` is not
 * `sub/a.png`; a pattern that means a folder means all that is in it.
 */
export function matcherOf(globs: readonly string[]): (name: string) => boolean {
  const patterns = globs.map(
    (glob) => new RegExp(`^${sourceOf(glob.replace(/^\.?\/+|\/+$/g, ''))}(?:/.*)?$`, 's'),
  );
  return (name) => patterns.some((pattern) => pattern.test(name));
}

/** The glob that means just this name. */
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
