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
    [undefined, 'the options must be an object, not undefined'],
    [{ bucket: 'photos' }, 'option "client" must be an S3Client of "@aws-sdk/client-s3"'],
    [{ client: {}, bucket: 'photos' }, 'option "client" must be an S3Client'],
    [{ client }, 'option "bucket" must be the name of a bucket'],
    [{ client, bucket: '' }, 'option "bucket" must be the name of a bucket'],
    [{ client, bucket: 'arn:aws:s3:eu-west-1:1:accesspoint/x' }, 'no ARN'],
    [{ client, bucket: 'photos/images' }, 'not "photos/images"'],
    [{ client, bucket: 'photos', prefix: '../x' }, 'option "prefix" must be a folder'],
    [{ client, bucket: 'photos', prefix: '/x' }, 'option "prefix" must be a folder'],
    [{ client, bucket: 'photos', prefix: undefined }, 'as an unset environment variable is'],
    [
      { client, bucket: 'photos', hosts: ['https://cdn.example.com'] },
      'option "hosts" must be an array of hosts',
    ],
    [{ client, bucket: 'photos', hosts: 'cdn.example.com' }, 'not "cdn.example.com"'],
    [{ client, bucket: 'photos', keys: 'plain' }, 'option "keys" must be true, false or an array'],
    [{ client, bucket: 'photos', keys: [''] }, 'option "keys" must be true, false or an array'],
    [
      { client, bucket: 'photos', conditional: true },
      'option "conditional" must be "if-match", "head" or false',
    ],
    [{ client, bucket: 'photos', endpoint: 'localhost:9000' }, 'option "endpoint" must be a URL'],
    [{ client, bucket: 'photos', region: 'EU' }, 'option "region" must be a region'],
    [{ client, bucket: 'photos', name: '' }, 'option "name" must be a string'],
    [
      { client, bucket: 'photos', derived: () => [] },
      'unknown option "derived". Known options: client, bucket, prefix',
    ],
  ];
  for (const [options, message] of wrong) {
    it(message, () => {
      expect(() => s3Provider(options as never)).to.throw(TypeError, message);
    });
  }

  it('shows no credentials of a wrong endpoint', () => {
    const endpoint = 'https://AKIAABCDEFGHIJKLMNOP:secret@host.example';
    expect(() => s3Provider({ client, bucket: 'photos', endpoint })).to.throw(
      TypeError,
      'https://***@host.example',
    );
  });

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
