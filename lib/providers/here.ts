/**
 * The place of this package, from which packages beside it are found. The CommonJS half has `__filename`; over the ES
 * module half `scripts/package/build.ts` writes the same with `import.meta.url`, which CommonJS cannot even parse.
 */
export const here: string | undefined = typeof __filename === 'string' ? __filename : undefined;
