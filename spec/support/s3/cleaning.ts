import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  ListObjectsV2Command,
  type ObjectIdentifier,
  type S3Client,
} from '@aws-sdk/client-s3';

/** Removes a bucket with all that is in it, versions, too. Only for buckets that the specs made. */
export async function emptyAndDelete(client: S3Client, Bucket: string): Promise<void> {
  for (let found = await some(client, Bucket); found.length > 0; found = await some(client, Bucket)) {
    const { Errors = [] } = await client.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: found } }),
    );
    if (Errors.length > 0) throw new Error(`the bucket ${Bucket} could not be emptied: ${Errors[0]?.Code}`);
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}

async function some(client: S3Client, Bucket: string): Promise<ObjectIdentifier[]> {
  const { Versions = [], DeleteMarkers = [] } = await client.send(new ListObjectVersionsCommand({ Bucket }));
  const versions = [...Versions, ...DeleteMarkers].flatMap(({ Key, VersionId }) =>
    Key === undefined ? [] : [{ Key, ...(VersionId === undefined ? {} : { VersionId }) }],
  );
  if (versions.length > 0) return versions.slice(0, 1000);
  const { Contents = [] } = await client.send(new ListObjectsV2Command({ Bucket }));
  return Contents.flatMap(({ Key }) => (Key === undefined ? [] : [{ Key }]));
}
