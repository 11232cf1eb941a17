import { expect } from 'chai';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import ts from 'typescript';
import { localProvider } from '../../../lib/index.js';
import type { AnyDocumentModel } from '../../support/test-app.js';
import { startS3, type S3Server } from '../../support/s3/index.js';
import { Uploads } from '../../support/uploads.js';
import { app, provided } from './scene.js';

type MoveImages = (model: AnyDocumentModel, where: object) => Promise<void>;

/** The recipe as it stands in the documentation. */
function documented(): MoveImages {
  const text = readFileSync('docs/s3.md', 'utf8');
  const [, code = ''] = /<!-- tested by [^>]*moving[^>]* -->\s*```ts\n([\s\S]*?)```/.exec(text) ?? [];
  const { outputText } = ts.transpileModule(code, {
    compilerOptions: {
      module: ts.ModuleKind.CommonJS,
      target: ts.ScriptTarget.ES2022,
      esModuleInterop: true,
    },
  });
  const module = { exports: {} as { moveImages: MoveImages } };
  new Function('module', 'exports', 'require', outputText)(module, module.exports, createRequire(__filename));
  return module.exports.moveImages;
}

describe('docs/s3.md: moving from a local folder', () => {
  let server: S3Server;
  let uploads: Uploads;
  before(async () => {
    server = await startS3();
    uploads = await Uploads.create();
  });
  after(async () => {
    await server.stop();
    await uploads.destroy();
  });

  it('moves what documents name, leaves what they share until the last one, and loses nothing', async () => {
    const { provider, client, bucket } = await provided(server, { prefix: 'images' });
    const { Album, outcomes } = await app(
      [provider, localProvider({ root: uploads.root })],
      {},
      { image: String },
    );
    await uploads.put('a.png', 'shared.png', 'my photo.png', 'unnamed.png');
    await Album.create([
      { image: '/uploads/a.png' },
      { image: '/uploads/shared.png' },
      { image: '/uploads/shared.png' },
      { image: '/uploads/my%20photo.png' },
      { image: 'images/new.png' },
    ]);
    await documented()(Album, { client, bucket, root: uploads.root });
    expect((await Album.find().lean()).map(({ image }) => image as string).sort()).to.deep.equal([
      'images/a.png',
      'images/my photo.png',
      'images/new.png',
      'images/shared.png',
      'images/shared.png',
    ]);
    expect(await uploads.names()).to.deep.equal(['unnamed.png']);
    const stored: string[] = [];
    for await (const { asset } of provider.list({})) stored.push(asset.key.replace(`${bucket}/images/`, ''));
    expect(stored.sort()).to.deep.equal(['a.png', 'my photo.png', 'shared.png']);
    expect(outcomes()).to.deep.equal(['removed', 'removed', 'removed', 'still used']);
  });
});
