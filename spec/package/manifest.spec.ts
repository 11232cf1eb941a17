import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { exportsOfPackage, typesVersionsOfPackage } from '../../scripts/package/subpaths.js';

describe('package.json', () => {
  const manifest = JSON.parse(readFileSync(path.resolve(__dirname, '../../package.json'), 'utf8')) as Record<
    string,
    unknown
  >;

  it('names every subpath, as `npm run build` writes them', () => {
    const { exports, typesVersions } = manifest;
    expect(exports).to.deep.equal(exportsOfPackage());
    expect(typesVersions).to.deep.equal(typesVersionsOfPackage());
  });

  it('packs the build and the changelog alone: no picture, no source', () => {
    expect(manifest['files']).to.deep.equal(['dist', 'CHANGELOG.md']);
  });

  it('depends on fs-extra alone; mongoose, SDKs and parsers are peers, all but mongoose optional', () => {
    expect(Object.keys(manifest['dependencies'] as object)).to.deep.equal(['fs-extra']);
    expect(Object.keys(manifest['peerDependencies'] as object).sort()).to.deep.equal([
      '@aws-sdk/client-s3',
      'agenda',
      'bullmq',
      'cloudinary',
      'htmlparser2',
      'marked',
      'mongoose',
    ]);
    expect(manifest['peerDependenciesMeta']).to.deep.equal({
      '@aws-sdk/client-s3': { optional: true },
      agenda: { optional: true },
      bullmq: { optional: true },
      cloudinary: { optional: true },
      htmlparser2: { optional: true },
      marked: { optional: true },
    });
  });
});
