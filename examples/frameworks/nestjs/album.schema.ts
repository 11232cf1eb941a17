// docs: schema
import { Prop, Schema, SchemaFactory } from '@nestjs/mongoose';

@Schema()
export class Album {
  @Prop({ type: String, required: true })
  title!: string;

  @Prop({ type: String, index: true, imageCleanup: true })
  image?: string;
}
export const AlbumSchema = SchemaFactory.createForClass(Album);
// docs: end
