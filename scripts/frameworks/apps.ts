/** An app of `examples/frameworks`, with one set of versions. */
export interface FrameworkApp {
  readonly name: string;
  /** Its folder in `examples/frameworks`. */
  readonly source: string;
  /** Files of other apps that it has, too. */
  readonly borrows?: readonly string[];
  /** Dependencies that differ from those of its package.json. */
  readonly versions?: Readonly<Record<string, string>>;
  /** `commonjs` where its package.json says `module`. */
  readonly type?: 'commonjs';
  /** Arguments of `main.js`, one list for each run. */
  readonly runs?: readonly (readonly string[])[];
  /** Whether `checks.js` runs after the requests. */
  readonly hasChecks?: boolean;
  /** Whether it refuses large files itself; the default is `true`. */
  readonly limitsSize?: boolean;
  /** Packages whose versions are told. */
  readonly shown: readonly string[];
}

const NEST = {
  source: 'nestjs',
  runs: [['forFeatureAsync'], ['connection.plugin']],
  hasChecks: true,
  shown: ['@nestjs/core', '@nestjs/mongoose'],
};

export const APPS: readonly FrameworkApp[] = [
  { name: 'express', source: 'express', shown: ['express', 'multer'] },
  {
    name: 'fastify',
    source: 'fastify',
    borrows: ['express/album.ts'],
    shown: ['fastify', '@fastify/multipart'],
  },
  { name: 'nestjs-12', ...NEST },
  {
    name: 'nestjs-11',
    ...NEST,
    type: 'commonjs',
    versions: {
      '@nestjs/common': '^11.0.0',
      '@nestjs/config': '^4.0.0',
      '@nestjs/core': '^11.0.0',
      '@nestjs/mongoose': '^11.0.0',
      '@nestjs/platform-express': '^11.0.0',
      mongoose: '^8.2.0',
    },
  },
  { name: 'nextjs', source: 'nextjs', limitsSize: false, shown: [] },
  {
    name: 'typegoose',
    source: 'typegoose',
    borrows: ['express/app.ts', 'express/main.ts'],
    hasChecks: true,
    shown: ['@typegoose/typegoose'],
  },
];
