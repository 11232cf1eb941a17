import { Body, Controller, HttpCode, Param, Patch, Post, UseInterceptors } from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import type { Model } from 'mongoose';
import { Album } from './album.schema.js';
import { UnusedUploads } from './unused-uploads.js';

/** Writes that drop no file. */
@Controller('albums')
@UseInterceptors(UnusedUploads)
export class AlbumEditsController {
  constructor(@InjectModel(Album.name) private readonly albums: Model<Album>) {}

  @Patch(':id')
  @HttpCode(204)
  async rename(@Param('id') id: string, @Body('title') title: string) {
    await this.albums.updateOne({ _id: id }, { title }).orFail();
  }

  @Post(':id/copies')
  async copy(@Param('id') id: string) {
    const { title, image } = await this.albums.findById(id).orFail();
    return this.albums.create({ title: `${title} (copy)`, image });
  }
}
