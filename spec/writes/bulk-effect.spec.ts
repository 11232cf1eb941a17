import { expect } from 'chai';
import { effectOfCall, shown, valuesOf } from './effects/shown.js';
import { BULK, SINGLE } from './effects/table.js';

const insert = (_id: number, image: string): object => ({ insertOne: { document: { _id, image } } });
const set = (_id: number, image: string): object => ({
  updateOne: { filter: { _id }, update: { $set: { image } } },
});
const setAll = (image: string): object => ({ updateMany: { filter: {}, update: { $set: { image } } } });
const remove = (_id: number): object => ({ deleteOne: { filter: { _id } } });

/** The error of a bulk write: the positions of the refused operations, and what the others did. */
function failure(refused: readonly number[], result: object = {}): object {
  return { writeErrors: refused.map((index) => ({ index })), result };
}

describe('what a call of the driver hits', () => {
  for (const [call, does] of [...SINGLE, ...BULK]) {
    it(JSON.stringify(call).replaceAll('"', ''), () => {
      expect(shown(effectOfCall(call))).to.deep.equal(does);
    });
  }

  it('asks for at most 1000 _ids at a time', () => {
    const operations = Array.from({ length: 2500 }, (_, id) => remove(id));
    const sizes = effectOfCall(['bulkWrite', operations])?.targets.map(
      ({ filter }) => (filter as { _id: { $in: unknown[] } })._id.$in.length,
    );
    expect(sizes).to.deep.equal([1000, 1000, 500]);
  });
});

describe('what a bulk write certainly stored', () => {
  const three = [insert(1, 'a.png'), set(2, 'b.png'), insert(3, 'c.png')];
  const matched = { matchedCount: 1 };

  for (const [what, operations, result, values] of [
    ['all, if every update matched', three, matched, ['a.png of 1', 'b.png of 2', 'c.png of 3']],
    ['only inserts, if an update matched nothing', three, { matchedCount: 0 }, ['a.png of 1', 'c.png of 3']],
    ['an upsert', [set(2, 'b.png')], { upsertedCount: 1 }, ['b.png of 2']],
    ['nothing of an updateMany', [setAll('b.png')], { matchedCount: 1 }, []],
  ] as const) {
    it(what, () => {
      expect(valuesOf(effectOfCall(['bulkWrite', operations])?.stored?.(result))).to.deep.equal(values);
    });
  }

  for (const [what, isOrdered, error, values] of [
    ['ordered, the first failed', true, failure([0]), []],
    ['ordered, the second failed', true, failure([1]), ['a.png of 1']],
    ['ordered, the third failed', true, failure([2], matched), ['a.png of 1', 'b.png of 2']],
    ['unordered, the first failed', false, failure([0], matched), ['b.png of 2', 'c.png of 3']],
    ['unordered, the update failed', false, failure([1]), ['a.png of 1', 'c.png of 3']],
    ['unordered, all failed', false, failure([0, 1, 2]), []],
    ['unordered, the update matched nothing', false, failure([0]), ['c.png of 3']],
    ['one error that is no array', true, { writeErrors: { index: 1 } }, ['a.png of 1']],
  ] as const) {
    it(`although it failed: ${what}`, () => {
      const effect = effectOfCall(['bulkWrite', three, { ordered: isOrdered }]);
      expect(valuesOf(effect?.storedDespite?.(error))).to.deep.equal(values);
    });
  }

  for (const [what, operations, values] of [
    ['an insert that is deleted', [insert(1, 'a.png'), remove(1)], ['a.png of 1']],
    ['a value that is replaced', [set(1, 'a.png'), set(1, 'b.png')], ['a.png of 1']],
    ['nothing behind the last operation that drops', [remove(1), insert(1, 'a.png')], []],
    ['nothing, if nothing drops', [insert(1, 'a.png'), insert(2, 'b.png')], []],
  ] as const) {
    it(`and dropped again on the way: ${what}`, () => {
      const updates = operations.filter((one) => 'updateOne' in one).length;
      const effect = effectOfCall(['bulkWrite', operations]);
      expect(valuesOf(effect?.storedOnTheWay?.({ matchedCount: updates }))).to.deep.equal(values);
    });
  }
});
