import mongoose from 'mongoose';
import { Album } from '../../../../../lib/album';
import { failed } from '../../../../../lib/answers';

export async function POST(
  _request: Request,
  { params }: { params: Promise<{ id: string }> },
): Promise<Response> {
  await mongoose.connect(process.env.MONGODB_URI!);
  try {
    const { title, image } = await Album.findById((await params).id).orFail();
    return Response.json(await Album.create({ title: `${title} (copy)`, image }), { status: 201 });
  } catch (error) {
    return failed(error);
  }
}
