import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { MulterModule } from '@nestjs/platform-express';
import { diskStorage } from 'multer';
import { randomUUID } from 'node:crypto';
import path from 'node:path';

// docs: uploads
export const uploads = MulterModule.registerAsync({
  inject: [ConfigService],
  useFactory: (config: ConfigService) => ({
    limits: { fileSize: 5 * 1024 * 1024 },
    storage: diskStorage({
      destination: config.getOrThrow<string>('UPLOADS'),
      filename: (_req, file, done) => done(null, `${randomUUID()}${path.extname(file.originalname)}`),
    }),
  }),
});
// docs: end

@Module({ imports: [uploads], exports: [uploads] })
export class UploadsModule {}
