import type { Model } from 'mongoose';
import type { Result } from './result.js';
import { inTurn, timed } from './measure.js';
import type { Picture, Setting } from './setting.js';

const COUNT = 20_000;

/** Hydration: the plugin has no init hook, so it should cost nothing. */
export async function hydrate({ plain, plugged }: Setting): Promise<Result[]> {
  const raw = Array.from({ length: COUNT }, (_, index) => ({
    _id: index,
    title: `title ${String(index)}`,
    image: `/uploads/${String(index)}.png`,
  }));
  const hydrated = (model: Model<Picture>): Promise<number> =>
    timed(() => {
      for (const one of raw) model.hydrate(one);
      return Promise.resolve();
    });
  const pair = await inTurn(
    15,
    () => hydrated(plugged),
    () => hydrated(plain),
  );
  return [{ what: '20,000 documents hydrated', against: 'no plugin', pair, goal: '1.00' }];
}
