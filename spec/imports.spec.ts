import { expect } from 'chai';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import ts from 'typescript';

const LIB = join(__dirname, '../lib');

/** The rooms, each of which may import what stands below it. */
const ORDER = [
  '',
  'cli',
  'doctor',
  'sweep',
  'writes',
  'engines',
  'journal',
  'removal',
  'usage',
  'schema',
  'texts',
  'testing',
  'providers',
  'shared',
];

function files(folder = LIB): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return files(path);
    return path.endsWith('.ts') ? [path] : [];
  });
}

/** What a file imports of ours, types as well. */
function importsOf(file: string): string[] {
  const { importedFiles } = ts.preProcessFile(readFileSync(file, 'utf8'));
  return importedFiles
    .filter(({ fileName }) => fileName.startsWith('.'))
    .map(({ fileName }) => join(dirname(file), fileName.replace(/\.js$/, '.ts')));
}

function short(file: string): string {
  return relative(LIB, file).split(sep).join('/');
}

function roomOf(file: string): string {
  const path = short(file);
  return path.includes('/') ? path.slice(0, path.indexOf('/')) : '';
}

/** Chains of imports that lead back to their beginning. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  const walk = (file: string, way: readonly string[]): void => {
    if (way.includes(file)) found.push([...way.slice(way.indexOf(file)), file].map(short).join(' → '));
    if (done.has(file) || way.includes(file)) return;
    for (const next of graph.get(file) ?? []) walk(next, [...way, file]);
    done.add(file);
  };
  for (const file of graph.keys()) walk(file, []);
  return found;
}

describe('imports', () => {
  const graph = new Map<string, readonly string[]>();
  before(function () {
    // over an installed package there are no sources
    if (!existsSync(join(LIB, 'index.ts'))) this.skip();
    for (const file of files()) graph.set(file, importsOf(file));
  });

  it('a circle is found', () => {
    const ring = new Map([
      [join(LIB, 'a.ts'), [join(LIB, 'b.ts')]],
      [join(LIB, 'b.ts'), [join(LIB, 'a.ts')]],
    ]);
    expect(circles(ring)).to.deep.equal(['a.ts → b.ts → a.ts']);
  });

  it('go in no circle, types included', () => {
    expect(circles(graph)).to.deep.equal([]);
  });

  it('go down the list of rooms only', () => {
    const upwards = [...graph].flatMap(([file, imported]) =>
      imported
        .filter((one) => ORDER.indexOf(roomOf(one)) < ORDER.indexOf(roomOf(file)))
        .map((one) => `${short(file)} → ${short(one)}`),
    );
    expect(upwards).to.deep.equal([]);
  });
});
