// docs: delete
import mongoose from 'mongoose';
import { cleanupFor } from 'mongoose-image-cleanup';
import { Album } from '../../../../lib/album';
import { failed } from '../../../../lib/answers';

interface Context {
  params: Promise<{ id: string }>;
}

export async function DELETE(_request: Request, { params }: Context): Promise<Response> {
  await mongoose.connect(process.env.MONGODB_URI!);
  await Album.deleteOne({ _id: (await params).id });
  await cleanupFor(Album).idle(); // retries included
  return new Response(null, { status: 204 });
}
// docs: end

export async function PATCH(request: Request, { params }: Context): Promise<Response> {
  await mongoose.connect(process.env.MONGODB_URI!);
  const { title } = (await request.json()) as { title: string };
  try {
    await Album.updateOne({ _id: (await params).id }, { title }).orFail();
    return new Response(null, { status: 204 });
  } catch (error) {
    return failed(error);
  }
}
