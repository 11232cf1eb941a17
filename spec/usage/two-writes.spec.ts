import { expect } from 'chai';
import type { ClientSession } from 'mongoose';
import { cleanupFor } from '../../lib/index.js';
import { letTimePass } from '../support/journal.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { hasHooks, itIf, itWith } from '../support/versions.js';
import { countOf } from '../support/counts.js';

type Replace = (Album: AnyDocumentModel, id: unknown, image: string | null) => Promise<unknown>;

/** Calls that store another image in one document. */
const REPLACEMENTS: Record<string, Replace> = {
  updateOne: (Album, _id, image) => Album.updateOne({ _id }, { image }),
  updateMany: (Album, _id, image) => Album.updateMany({ _id }, { $set: { image } }),
  replaceOne: (Album, _id, image) => Album.replaceOne({ _id }, { image }),
  bulkWrite: (Album, _id, image) => Album.bulkWrite([{ updateOne: { filter: { _id }, update: { image } } }]),
  save: async (Album, id, image) => (await Album.findById(id)).set({ image }).save(),
  bulkSave: async (Album, id, image) => Album.bulkSave([(await Album.findById(id)).set({ image })]),
  'doc.updateOne': async (Album, id, image) => (await Album.findById(id)).updateOne({ image }),
  findByIdAndUpdate: (Album, id, image) => Album.findByIdAndUpdate(id, { image }),
  'findByIdAndUpdate, lean': (Album, id, image) => Album.findByIdAndUpdate(id, { image }).lean(),
  'findByIdAndUpdate that asks for the new document': (Album, id, image) =>
    Album.findByIdAndUpdate(id, { image }, { returnDocument: 'after' }),
  'findByIdAndUpdate with a projection': (Album, id, image) =>
    Album.findByIdAndUpdate(id, { image }, { projection: { title: 1 } }),
  'findByIdAndUpdate without the image': (Album, id, image) =>
    Album.findByIdAndUpdate(id, { image }, { projection: '-image', returnDocument: 'after' }),
  findOneAndReplace: (Album, _id, image) => Album.findOneAndReplace({ _id }, { image }),
};

const ROUNDS = countOf('WRITE_ROUNDS', 2);
const AT_ONCE = 10;

describe('writes to one document at once', function () {
  this.timeout(60_000);
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', { image: String, title: String });
  });
  afterEach(closeTestApps);

  /** Exactly what documents name is on the disk, and nobody heard of a file that was gone before. */
  async function expectNothingLeftBehind(): Promise<void> {
    await cleanupFor(s.connection).idle();
    const used = (await Album.find().lean()).flatMap(({ image }: { image?: string }) => image ?? []);
    expect(await s.uploads.names()).to.deep.equal(used.sort());
    expect(s.events.filter(({ outcome }) => outcome === 'missing' || outcome === 'failed')).to.deep.equal([]);
    expect(s.log.join('\n')).to.not.match(/not there any more/);
  }

  async function namesOfRound(round: number): Promise<string[]> {
    return s.uploads.put(...Array.from({ length: AT_ONCE }, (_, n) => `${String(round)}-${String(n)}.png`));
  }

  for (const [name, replace] of Object.entries(REPLACEMENTS)) {
    for (const before of ['old.png', null]) {
      const title = before === null ? 'first uploads' : 'replacements';
      itIf(hasHooks(name))(`ten ${title} by ${name} leave the image that the document names`, async () => {
        for (let round = 0; round < ROUNDS; round++) {
          if (before !== null) await s.uploads.put(before);
          const { _id } = await Album.create({ image: before });
          const names = await namesOfRound(round);
          await Promise.all(names.map((image) => replace(Album, _id, image)));
          await expectNothingLeftBehind();
          await Album.deleteMany({});
          await expectNothingLeftBehind();
        }
      });
    }

    itIf(hasHooks(name))(`${name} and a deletion at once leave nothing that the document had`, async () => {
      for (let round = 0; round < ROUNDS; round++) {
        await s.uploads.put('old.png');
        const { _id } = await Album.create({ image: 'old.png' });
        const [first, ...names] = await namesOfRound(round);
        await replace(Album, _id, first!);
        const stored: string[] = [];
        const acts: (() => Promise<unknown>)[] = names.map(
          (image) => () =>
            replace(Album, _id, image).then(
              (told) => {
                if (hasWritten(told)) stored.push(image);
              },
              () => undefined,
            ),
        );
        acts.splice(Math.floor((round * AT_ONCE) / ROUNDS), 0, () => Album.deleteOne({ _id }).exec());
        await Promise.all(acts.map((act) => act()));
        await cleanupFor(s.connection).idle();
        const left = await s.uploads.names();
        expect(
          left.filter((one) => one === first || one === 'old.png' || stored.includes(one)),
        ).to.deep.equal([]);
        expect(s.events.filter(({ outcome }) => outcome === 'missing')).to.deep.equal([]);
        // uploads whose write met no document were never stored
        await cleanupFor(Album).removeUnused(left);
        s.events.splice(0);
      }
    });
  }

  itWith('transactions')(
    'five replacements in transactions leave the image that the document names',
    async () => {
      await s.uploads.put('old.png');
      const { _id } = await Album.create({ image: 'old.png' });
      const names = Array.from({ length: 5 }, (_, n) => `${String(n)}.png`);
      await s.uploads.put(...names);
      await Promise.all(
        names.map((image) =>
          s.connection.transaction(async (session) => {
            await Album.updateOne({ _id }, { image }, { session });
          }),
        ),
      );
      await expectNothingLeftBehind();
    },
  );

  for (const how of ['plain', 'in transactions'] as const) {
    itWith(...(how === 'plain' ? [] : (['transactions'] as const)))(
      `replacements at once, ${how}, where dropped files stay for a grace period: all stay so long`,
      async () => {
        const definition = { image: String };
        const Kept = s.model('Kept', definition, { journal: true, gracePeriod: '1h' }, { autoIndex: false });
        const names = await s.uploads.put(...Array.from({ length: AT_ONCE }, (_, n) => `${String(n)}.png`));
        await s.uploads.put('old.png');
        const { _id } = await Kept.create({ image: 'old.png' });
        const replace = async (image: string, session?: ClientSession): Promise<void> => {
          await Kept.updateOne({ _id }, { image }, { session });
        };
        await Promise.all(
          names.map((image) =>
            how === 'plain' ? replace(image) : s.connection.transaction((session) => replace(image, session)),
          ),
        );
        await cleanupFor(Kept).idle();
        expect(await s.uploads.names()).to.deep.equal([...names, 'old.png'].sort());
        await letTimePass(s.connection, 2 * 3_600_000);
        await cleanupFor(Kept).runDue();
        const { image } = await Kept.findById(_id);
        expect(await s.uploads.names()).to.deep.equal([image]);
      },
    );
  }

  it('calls of every kind at once leave the image that the document names', async () => {
    for (let round = 0; round < ROUNDS * 2; round++) {
      await s.uploads.put('old.png');
      const { _id } = await Album.create({ image: 'old.png' });
      const names = await namesOfRound(round);
      const kinds = kindsOfThisVersion();
      await Promise.all(names.map((image, n) => kinds[(n + round) % kinds.length]!(Album, _id, image)));
      await expectNothingLeftBehind();
      await Album.deleteMany({});
    }
  });

  it('two models over one collection', async () => {
    const Twin = s.model('Twin', { image: String }, {}, { collection: Album.collection.name });
    for (let round = 0; round < ROUNDS; round++) {
      await s.uploads.put('old.png');
      const { _id } = await Album.create({ image: 'old.png' });
      const names = await namesOfRound(round);
      await Promise.all(names.map((image, n) => (n % 2 === 0 ? Album : Twin).updateOne({ _id }, { image })));
      await expectNothingLeftBehind();
      await Album.deleteMany({});
    }
  });

  it('writes to different documents at once tell one event for each', async () => {
    const old = await s.uploads.put(...Array.from({ length: AT_ONCE }, (_, n) => `old-${String(n)}.png`));
    const names = await namesOfRound(0);
    const albums = await Album.create(old.map((image) => ({ image })));
    const kinds = kindsOfThisVersion();
    await Promise.all(
      albums.map(({ _id }: { _id: unknown }, n: number) => kinds[n % kinds.length]!(Album, _id, names[n]!)),
    );
    expect(await s.outcomes()).to.deep.equal(old.map((image) => `removed ${image}`));
    await expectNothingLeftBehind();
  });
});

function kindsOfThisVersion(): Replace[] {
  return Object.entries(REPLACEMENTS)
    .filter(([name]) => hasHooks(name))
    .map(([, replace]) => replace);
}

/** Did the call meet a document? */
function hasWritten(told: unknown): boolean {
  if (told === null || told === undefined) return false;
  const { matchedCount, modifiedCount } = told as { matchedCount?: number; modifiedCount?: number };
  return (matchedCount ?? modifiedCount ?? 1) > 0;
}
