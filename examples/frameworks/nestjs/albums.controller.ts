import {
  Body,
  Controller,
  Delete,
  HttpCode,
  Param,
  Post,
  Put,
  UploadedFile,
  UseInterceptors,
} from '@nestjs/common';
import { InjectModel } from '@nestjs/mongoose';
import { FileInterceptor } from '@nestjs/platform-express';
import type { Model } from 'mongoose';
import { Album } from './album.schema.js';
import { storedAs, UnusedUploads } from './unused-uploads.js';

// docs: controller
@Controller('albums')
@UseInterceptors(UnusedUploads)
export class AlbumsController {
  constructor(@InjectModel(Album.name) private readonly albums: Model<Album>) {}

  @Post()
  @UseInterceptors(FileInterceptor('image'))
  create(@Body('title') title: string, @UploadedFile() file?: Express.Multer.File) {
    return this.albums.create({ title, image: storedAs(file) });
  }

  @Put(':id/image')
  @UseInterceptors(FileInterceptor('image'))
  async replace(@Param('id') id: string, @UploadedFile() file?: Express.Multer.File) {
    const album = await this.albums.findById(id).orFail();
    album.image = storedAs(file);
    return album.save(); // the old file is removed
  }

  @Delete(':id')
  @HttpCode(204)
  async remove(@Param('id') id: string) {
    await this.albums.deleteOne({ _id: id }); // the file is removed unless another document uses it
  }
}
// docs: end
