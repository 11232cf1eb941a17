import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateMultipartUploadCommand,
  UploadPartCommand,
  type S3Client,
  type S3ServiceException,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { expect } from 'chai';
import { startS3, type S3Server } from './index.js';

describe('uploads in parts in the local S3', () => {
  const Key = 'dir/a b+ü.bin';
  let s3: S3Server;
  let client: S3Client;
  let Bucket: string;
  let UploadId: string;

  before(async function () {
    s3 = await startS3();
    if (s3.local === undefined) return this.skip();
    client = s3.client({ maxAttempts: 1 });
  });
  beforeEach(async () => {
    Bucket = await s3.bucket();
    UploadId = (await client.send(new CreateMultipartUploadCommand({ Bucket, Key }))).UploadId!;
  });
  after(() => s3.stop());

  const part = async (PartNumber: number, Body: string) => {
    const { ETag } = await client.send(new UploadPartCommand({ Bucket, Key, UploadId, PartNumber, Body }));
    return { PartNumber, ETag };
  };
  const complete = (Parts: { PartNumber: number; ETag?: string | undefined }[], key = Key) =>
    client
      .send(new CompleteMultipartUploadCommand({ Bucket, Key: key, UploadId, MultipartUpload: { Parts } }))
      .then(
        ({ Location }) => Location,
        (error: unknown) => (error as S3ServiceException).name,
      );

  it('the location is written as S3 writes it: %2F for a slash, + for a space', async () => {
    const location = await complete([await part(1, 'x')]);
    expect(location).to.equal(`${s3.endpoint}/${Bucket}/dir%2Fa+b%2B%C3%BC.bin`);
    expect(s3.local!.keys(Bucket)).to.deep.equal([Key]);
    expect(s3.local!.uploads(Bucket)).to.deep.equal([]);
  });

  it('refuses parts that are too small, unknown, or in no order, and the key of another', async () => {
    const [one, two] = [await part(1, 'x'), await part(2, 'y')];
    expect(await complete([one, two])).to.equal('EntityTooSmall');
    expect(await complete([{ ...one, ETag: '"0"' }])).to.equal('InvalidPart');
    expect(await complete([{ ...one, PartNumber: 3 }])).to.equal('InvalidPart');
    expect(await complete([])).to.equal('MalformedXML');
    expect(await complete([one], 'other')).to.equal('NoSuchUpload');
  });

  it('goes when it is aborted', async () => {
    const one = await part(1, 'x');
    await client.send(new AbortMultipartUploadCommand({ Bucket, Key, UploadId }));
    expect(await complete([one])).to.equal('NoSuchUpload');
    expect(s3.local!.uploads(Bucket)).to.deep.equal([]);
  });

  it('lib-storage aborts an upload whose part fails', async () => {
    const known = s3.local!.uploads(Bucket);
    s3.local!.fail({ operation: 'UploadPart', code: 'AccessDenied', status: 403, times: 9 });
    const upload = new Upload({
      client,
      params: { Bucket, Key: 'big', Body: Buffer.alloc(6 * 1024 * 1024) },
    });
    const error: unknown = await upload.done().catch((one: unknown) => one);
    s3.local!.reset();
    expect((error as Error).name).to.equal('AccessDenied');
    expect(s3.local!.uploads(Bucket)).to.deep.equal(known);
  });
});
