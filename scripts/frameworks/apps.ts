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
  /** How Node starts the app, one list for each run; the default is `dist/main.js`. */
  readonly runs?: readonly (readonly string[])[];
  /** What Node runs to build the app; the default is the compiler of TypeScript. */
  readonly build?: readonly string[];
  /** Where the routes start. */
  readonly prefix?: string;
  /** Whether it ends itself by the signal that asked it to end. */
  readonly endsBySignal?: boolean;
  /** Whether it runs only where it is named: it is large. */
  readonly isOptional?: boolean;
  /** Whether `dist/checks.js` runs after the requests. */
  readonly hasChecks?: boolean;
  /** Whether it refuses large files itself; the default is `true`. */
  readonly limitsSize?: boolean;
  /** Packages whose versions are told. */
  readonly shown: readonly string[];
}

const NEST = {
  source: 'nestjs',
  runs: [
    ['dist/main.js', 'forFeatureAsync'],
    ['dist/main.js', 'connection.plugin'],
  ],
  endsBySignal: true,
  hasChecks: true,
  shown: ['@nestjs/core', '@nestjs/mongoose'],
};

const NEXT = 'node_modules/next/dist/bin/next';

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
    name: 'nextjs-16',
    source: 'nextjs',
    versions: {
      '@types/react': '^19.0.0',
      next: '^16.0.0',
      react: '^19.0.0',
      'react-dom': '^19.0.0',
      typescript: '^5.9.0',
    },
    build: [NEXT, 'build'],
    runs: [
      [NEXT, 'start', '-H', '127.0.0.1', '-p', '0'],
      [NEXT, 'dev', '-H', '127.0.0.1', '-p', '0'],
    ],
    prefix: '/api',
    endsBySignal: true,
    isOptional: true,
    limitsSize: false,
    shown: ['next'],
  },
  {
    name: 'typegoose',
    source: 'typegoose',
    borrows: ['express/app.ts', 'express/main.ts'],
    hasChecks: true,
    shown: ['@typegoose/typegoose'],
  },
];
