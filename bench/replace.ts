import type { Model } from 'mongoose';
import type { Result } from './result.js';
import { inTurn, timed } from './measure.js';
import { addHandWrittenHooks } from './one-image.js';
import type { Picture, Setting } from './setting.js';

/** Few documents: the stand-in reads all of them for a question that a mongod answers from its index. */
const COUNT = 100;
const ROUNDS = 9;

/** One document's image replaced by `save` and removed by `deleteOne`, against the hook that people write by hand. */
export async function replaceAndDelete(setting: Setting): Promise<Result[]> {
  const { plugged, root } = setting;
  const naive = await setting.model(`Naive${String(Date.now())}`, (schema) => {
    addHandWrittenHooks(schema, root);
  });
  let round = 0;
  const prepare = async (model: Model<Picture>): Promise<InstanceType<Model<Picture>>[]> => {
    await model.collection.deleteMany({});
    const names = setting.fill(`r${String(round++)}-`, COUNT);
    setting.fill(`n${String(round)}-`, COUNT);
    return model.create(names.map((name) => ({ image: `/uploads/${name}` })));
  };
  const replaced = async (model: Model<Picture>): Promise<number> => {
    const pictures = await prepare(model);
    return timed(async () => {
      for (const [index, picture] of pictures.entries()) {
        picture.image = `/uploads/n${String(round)}-${String(index)}.png`;
        await picture.save();
      }
    });
  };
  const deleted = async (model: Model<Picture>): Promise<number> => {
    const pictures = await prepare(model);
    return timed(async () => {
      for (const picture of pictures) await picture.deleteOne();
    });
  };
  const against = 'a hand-written hook: findOne, unlink';
  return [
    {
      what: `${String(COUNT)} images replaced by save`,
      against,
      pair: await inTurn(
        ROUNDS,
        () => replaced(plugged),
        () => replaced(naive),
      ),
      goal: 'shown',
    },
    {
      what: `${String(COUNT)} documents deleted by deleteOne`,
      against,
      pair: await inTurn(
        ROUNDS,
        () => deleted(plugged),
        () => deleted(naive),
      ),
      goal: 'shown',
    },
  ];
}
