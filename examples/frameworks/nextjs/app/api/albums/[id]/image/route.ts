import mongoose from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';
import { Album } from '../../../../../lib/album';
import { failed } from '../../../../../lib/answers';
import { storeUpload } from '../../../../../lib/uploads';

export async function PUT(
  request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  await mongoose.connect(process.env.MONGODB_URI!);
  const image = await storeUpload((await request.formData()).get('image'));
  try {
    const album = await Album.findById((await params).id).orFail();
    album.image = image;
    return Response.json(await album.save());
  } catch (error) {
    if (image) await cleanupFor(Album).removeUnused([image]);
    return failed(error);
  }
}
