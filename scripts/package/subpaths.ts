/**
 * What users can import, and the file of `lib/` behind it. This is the one list: `npm run build` writes `exports` and
 * `typesVersions` of package.json from it.
 */
const SUBPATHS: Readonly<Record<string, string>> = {
  '.': 'index',
  './agenda': 'engines/agenda/index',
  './bullmq': 'engines/bullmq/index',
  './cloudinary': 'providers/cloudinary/index',
  './doctor': 'doctor/index',
  './s3': 'providers/s3/index',
  './gridfs': 'providers/gridfs/index',
  './sweep': 'sweep/index',
  './testing': 'testing/index',
};

type Exports = Record<string, unknown>;

/** Conditions in the order in which resolvers read them; types stand first in each. */
export function exportsOfPackage(): Exports {
  const conditions = (file: string): Exports => ({
    import: { types: `./dist/esm/${file}.d.ts`, default: `./dist/esm/${file}.js` },
    require: { types: `./dist/cjs/${file}.d.ts`, default: `./dist/cjs/${file}.js` },
  });
  return {
    ...Object.fromEntries(Object.entries(SUBPATHS).map(([subpath, file]) => [subpath, conditions(file)])),
    './package.json': './package.json',
  };
}

/** For `moduleResolution: node10`, which knows no `exports`; `.` is served by `main` and `types`. */
export function typesVersionsOfPackage(): Record<string, Record<string, string[]>> {
  const types = Object.entries(SUBPATHS)
    .filter(([subpath]) => subpath !== '.')
    .map(([subpath, file]) => [subpath.slice('./'.length), [`./dist/cjs/${file}.d.ts`]]);
  return { '*': Object.fromEntries(types) as Record<string, string[]> };
}
