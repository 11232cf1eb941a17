import { expect } from 'chai';
import { readAnswer } from '../../lib/writes/driver-answer.js';
import type { DriverCall } from '../../lib/writes/driver-call.js';

describe('the answer to a findOneAndUpdate', () => {
  const call = { method: 'findOneAndUpdate', options: {}, collection: {} } as unknown as DriverCall;
  const original = { _id: 1, image: 'old.png' };
  const found = { hasChanged: true, hasStored: true };
  const nothing = { hasChanged: false, hasStored: false };

  for (const [what, answer, expected] of [
    ['a document', original, { ...found, result: original, original }],
    ['nothing', null, { ...nothing, result: null, original: undefined }],
    ...(['a lastErrorObject', 'no lastErrorObject, as some engines send it'] as const).flatMap((how) => {
      const metadata = how === 'a lastErrorObject' ? { lastErrorObject: { n: 1 }, ok: 1 } : { ok: 1 };
      return [
        [
          `a document with ${how}`,
          { value: original, ...metadata },
          { ...found, original, result: original },
        ],
        [
          `nothing with ${how}`,
          { value: null, ...metadata },
          { ...nothing, original: undefined, result: null },
        ],
      ] as const;
    }),
  ] as const)
    it(what, () => {
      expect(readAnswer(call, answer)).to.deep.equal({ isAcknowledged: true, ...expected });
    });

  it('a document of the app with a value and an ok of its own', () => {
    const own = { _id: 1, value: 'old.png', ok: 1 };
    expect(readAnswer(call, own).original).to.equal(own);
  });
});
