import { S3Client } from '@aws-sdk/client-s3';
import { expect } from 'chai';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { locateCommands } from '../../../lib/providers/s3/client.js';
import { s3Provider } from '../../../lib/providers/s3/index.js';

const client = new S3Client({ region: 'eu-central-1' });

describe('options of s3Provider', () => {
  const wrong: readonly [options: unknown, message: string][] = [
    [undefined, 'the options are undefined; allowed: an object'],
    [
      { bucket: 'photos' },
      'option "client" is undefined; allowed: an S3Client of "@aws-sdk/client-s3": new S3Client({ region }); correct it',
    ],
    [{ client: {}, bucket: 'photos' }, 'option "client" is an object; allowed: an S3Client'],
    [{ client }, 'option "bucket" is undefined; allowed: the name of a bucket'],
    [{ client, bucket: '' }, 'option "bucket" is \'\'; allowed: the name of a bucket'],
    [{ client, bucket: 'arn:aws:s3:eu-west-1:1:accesspoint/x' }, 'no ARN'],
    [{ client, bucket: 'photos/images' }, "is 'photos/images'"],
    [{ client, bucket: 'photos', prefix: '../x' }, `option "prefix" is '../x'; allowed: a folder`],
    [{ client, bucket: 'photos', prefix: '/x' }, `option "prefix" is '/x'; allowed: a folder`],
    [{ client, bucket: 'photos', prefix: undefined }, 'as with an unset environment variable'],
    [
      { client, bucket: 'photos', hosts: ['https://cdn.example.com'] },
      'option "hosts" is an array with other content; allowed: an array of hosts',
    ],
    [
      { client, bucket: 'photos', hosts: 'cdn.example.com' },
      "is 'cdn.example.com'; allowed: an array of hosts",
    ],
    [
      { client, bucket: 'photos', keys: 'plain' },
      `option "keys" is 'plain'; allowed: true, false or an array`,
    ],
    [{ client, bucket: 'photos', keys: [''] }, 'allowed: true, false or an array'],
    [
      { client, bucket: 'photos', conditional: true },
      `option "conditional" is true; allowed: 'if-match', 'head' or false`,
    ],
    [
      { client, bucket: 'photos', endpoint: 'localhost:9000' },
      `option "endpoint" is 'localhost:9000'; allowed: a URL`,
    ],
    [{ client, bucket: 'photos', region: 'EU' }, `option "region" is 'EU'; allowed: a region`],
    [{ client, bucket: 'photos', name: '' }, `option "name" is ''; allowed: a string`],
    [{ client, bucket: 'photos', derived: 'thumbs' }, `option "derived" is 'thumbs'; allowed: a function`],
    [
      { client, bucket: 'photos', thumbnails: () => [] },
      'unknown option "thumbnails"; known: client, bucket, prefix',
    ],
  ];
  for (const [options, message] of wrong) {
    it(message, () => {
      expect(() => s3Provider(options as never)).to.throw(TypeError, message);
    });
  }

  for (const [held, shown] of [
    ['https://AKIAABCDEFGHIJKLMNOP:secret@host.example', 'https://***@host.example'],
    ['https://secret@host.example', 'https://***@host.example'],
    ['host.example/AKIAABCDEFGHIJKLMNOP', 'host.example/***'],
    ['host.example?X-Amz-Signature=abcdef', 'X-Amz-Signature=***'],
  ] as const) {
    it(`shows no credentials of a wrong endpoint: ${shown}`, () => {
      const make = (): unknown => s3Provider({ client, bucket: 'photos', endpoint: held });
      expect(make).to.throw(TypeError, shown);
      expect(make).to.not.throw(TypeError, /secret|AKIA|abcdef/);
    });
  }

  it('without the SDK: an error with the install command', () => {
    const nowhere = path.join(mkdtempSync(path.join(tmpdir(), 'without-sdk-')), 'package.json');
    expect(() => locateCommands([nowhere, undefined])).to.throw(Error, 'npm install @aws-sdk/client-s3@3');
  });

  it('has no fingerprint and no look at single objects with conditional: false', () => {
    const provider = s3Provider({ client, bucket: 'photos', conditional: false });
    expect([provider.fingerprint, provider.find]).to.deep.equal([undefined, undefined]);
  });

  it('tells where it is for the sweep: bucket and folder', () => {
    expect(s3Provider({ client, bucket: 'photos' }).storage).to.equal('photos');
    const narrow = s3Provider({ client, bucket: 'photos', prefix: 'a/b' });
    expect(narrow.storage).to.equal('photos/a/b');
    expect(narrow.nameOf({ provider: 's3', key: 'photos/a/b/c.png' })).to.equal('c.png');
  });
});
