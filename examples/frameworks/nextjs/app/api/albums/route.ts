// docs: create
import mongoose from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';
import { Album } from '../../../lib/album';
import { failed } from '../../../lib/answers';
import { storeUpload } from '../../../lib/uploads';

export async function POST(request: Request): Promise<Response> {
  await mongoose.connect(process.env.MONGODB_URI!); // does nothing when the connection is open
  const form = await request.formData();
  const image = await storeUpload(form.get('image'));
  try {
    const album = await Album.create({ title: form.get('title') as string, image });
    return Response.json(album, { status: 201 });
  } catch (error) {
    if (image) await cleanupFor(Album).removeUnused([image]); // uploaded, but no document was saved with it
    return failed(error);
  }
}
// docs: end
