import { Module } from '@nestjs/common';
import { ConfigService } from '@nestjs/config';
import { MongooseModule } from '@nestjs/mongoose';
import { imageCleanup, localProvider, type ImageCleanupOptions } from 'mongoose-image-cleanup';
import { AlbumEditsController } from './album-edits.controller.js';
import { Album, AlbumSchema } from './album.schema.js';
import { AlbumsController } from './albums.controller.js';
import { UploadsModule } from './uploads.module.js';

// docs: feature
@Module({
  imports: [
    UploadsModule,
    MongooseModule.forFeatureAsync([
      {
        name: Album.name,
        inject: [ConfigService],
        useFactory: (config: ConfigService) => {
          const schema = AlbumSchema.clone(); // the factory may run again, in tests
          schema.plugin(imageCleanup, {
            provider: localProvider({ root: config.getOrThrow<string>('UPLOADS') }),
          } satisfies ImageCleanupOptions);
          return schema;
        },
      },
    ]),
  ],
  controllers: [AlbumsController, AlbumEditsController],
})
export class AlbumsModule {}
// docs: end
