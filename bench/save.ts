import type { Model } from 'mongoose';
import type { Result } from './result.js';
import { inTurn, timed } from './measure.js';
import type { Picture, Setting } from './setting.js';

const SAVES = 250;

/** A save that does not touch the image. */
export async function saveUntouched({ plain, plugged }: Setting): Promise<Result[]> {
  const saves = async (model: Model<Picture>): Promise<number> => {
    const picture = await model.create({ image: '/uploads/kept.png', title: 'start' });
    return timed(async () => {
      for (let index = 0; index < SAVES; index++) {
        picture.title = `title ${String(index)}`;
        await picture.save();
      }
    });
  };
  const pair = await inTurn(
    21,
    () => saves(plugged),
    () => saves(plain),
  );
  await plain.collection.deleteMany({});
  await plugged.collection.deleteMany({});
  return [{ what: `${String(SAVES)} saves of another field`, against: 'no plugin', pair, goal: '≤ 1.02' }];
}
