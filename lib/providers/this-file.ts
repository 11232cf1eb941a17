/**
 * The location of this package, from which other packages are found. The CommonJS build has `__filename`; in the ES
 * module build, `scripts/package/build.ts` replaces this file with one that uses `import.meta.url`, which CommonJS
 * cannot parse.
 */
export const here: string | undefined = typeof __filename === 'string' ? __filename : undefined;
