// In your app: npm install --save-dev @types/multer-s3
declare module 'multer-s3' {
  import type { S3Client } from '@aws-sdk/client-s3';
  import type { Request } from 'express';
  import type { StorageEngine } from 'multer';

  interface Options {
    s3: S3Client;
    bucket: string;
    key(request: Request, file: Express.Multer.File, done: (error: Error | null, key: string) => void): void;
    contentType?: typeof AUTO_CONTENT_TYPE;
  }
  function multerS3(options: Options): StorageEngine;
  const AUTO_CONTENT_TYPE: unique symbol;
  namespace multerS3 {
    export { AUTO_CONTENT_TYPE };
  }
  export = multerS3;
}
