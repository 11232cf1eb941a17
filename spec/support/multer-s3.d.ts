/** What the specs use of a package that brings no types. */
declare module 'multer-s3' {
  import type { S3Client } from '@aws-sdk/client-s3';
  import type { StorageEngine } from 'multer';

  interface Options {
    readonly s3: S3Client;
    readonly bucket: string;
    readonly key: (
      request: unknown,
      file: { readonly originalname: string },
      done: (error: Error | null, key: string) => void,
    ) => void;
  }

  export default function multerS3(options: Options): StorageEngine;
}
