import { Module } from '@nestjs/common';
import { ConfigModule, ConfigService } from '@nestjs/config';
import { MongooseModule } from '@nestjs/mongoose';
import type { Connection } from 'mongoose';
import { imageCleanup, localProvider } from 'mongoose-image-cleanup';
import { AlbumEditsController } from './album-edits.controller.js';
import { Album, AlbumSchema } from './album.schema.js';
import { AlbumsController } from './albums.controller.js';
import { AlbumsModule } from './albums.module.js';
import { ImageCleanupShutdown } from './closing.js';
import { UploadsModule } from './uploads.module.js';

/** One model gets the plugin, with settings of the app: see `albums.module.ts`. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
    MongooseModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({ uri: config.getOrThrow<string>('MONGODB_URI') }),
    }),
    AlbumsModule,
  ],
  providers: [ImageCleanupShutdown],
})
export class AppModule {}

/** All models of the connection get the plugin; it tracks the paths that are marked. */
@Module({
  imports: [
    ConfigModule.forRoot({ isGlobal: true, ignoreEnvFile: true }),
    // docs: connection
    MongooseModule.forRootAsync({
      inject: [ConfigService],
      useFactory: (config: ConfigService) => ({
        uri: config.getOrThrow<string>('MONGODB_URI'),
        connectionFactory: (connection: Connection) => {
          connection.plugin(imageCleanup, {
            provider: localProvider({ root: config.getOrThrow<string>('UPLOADS') }),
          });
          return connection;
        },
      }),
    }),
    MongooseModule.forFeature([{ name: Album.name, schema: AlbumSchema }]),
    // docs: end
    UploadsModule,
  ],
  controllers: [AlbumsController, AlbumEditsController],
  providers: [ImageCleanupShutdown],
})
export class AppModuleWithConnectionPlugin {}
