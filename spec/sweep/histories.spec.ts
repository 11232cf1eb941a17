import { expect } from 'chai';
import fc from 'fast-check';
import fse from 'fs-extra';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { localProvider, type ReferenceSource } from '../../lib/index.js';
import type { SweepableProvider } from '../../lib/providers/provider.js';
import { sweep, type SweepReport } from '../../lib/sweep/index.js';
import { countOf, SEED } from '../support/counts.js';

const NAMES = Array.from({ length: 12 }, (_, i) =>
  i % 3 === 0 ? `d${String(i)}/f${String(i)}.png` : `f${String(i)}.png`,
);
const FORMS = [
  (name: string) => name,
  (name: string) => `/uploads/${name}`,
  (name: string) => `./${name}`,
  (name: string) => `/uploads/${name}?v=1`,
];

/** One step of the app, past the plugin: uploads, references made, moved and dropped, files renamed. */
type Step =
  | { kind: 'upload' | 'refer' | 'drop' | 'uploadAndRefer'; name: number; form: number }
  | { kind: 'rename'; name: number; to: number; form: number };

const index = fc.nat(NAMES.length - 1);
const form = fc.nat(FORMS.length - 1);
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constantFrom('upload' as const, 'refer' as const, 'drop' as const, 'uploadAndRefer' as const),
    name: index,
    form,
  }),
  fc.record({ kind: fc.constant('rename' as const), name: index, to: index, form }),
);
const history = fc.record({
  files: fc.uniqueArray(index, { minLength: 1 }),
  references: fc.array(fc.tuple(index, form)),
  during: fc.array(fc.tuple(fc.constantFrom('listing', 'listed', 'deciding'), step), { maxLength: 8 }),
});

const numRuns = countOf('SWEEP_HISTORIES', 20);

describe(`generated histories of a sweep (SPEC_SEED=${String(SEED)})`, () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  /** What the app does while the next sweep is at a stage; the sweep waits for it there. */
  let meanwhile: (stage: string) => Promise<void>;
  beforeEach(async () => {
    s = await testApp();
    meanwhile = () => Promise.resolve();
    const local = localProvider({ root: s.uploads.root });
    const provider: SweepableProvider = {
      ...local,
      async *listNames(options) {
        for await (const asset of local.listNames!(options)) {
          await meanwhile('listing');
          yield asset;
        }
        await meanwhile('listed');
      },
    };
    const references: ReferenceSource[] = [
      async (assets) => {
        await meanwhile('deciding');
        return assets.map(() => false);
      },
    ];
    Album = s.model('Album', { image: String }, { provider, references });
  });
  afterEach(closeTestApps);

  const valueOf = (name: number, as: number): string => FORMS[as]!(NAMES[name]!);
  const upload = (name: number): void => {
    fse.outputFileSync(s.uploads.path(NAMES[name]!), String(Math.random()));
  };
  const usedNow = async (): Promise<Set<string>> => {
    const values = (await Album.collection.distinct('image')) as string[];
    return new Set(values.map((value) => value.replace(/^(\/uploads\/|\.\/)/, '').replace(/\?.*/, '')));
  };

  async function take(one: Step): Promise<void> {
    const exists = (name: number): boolean => fse.existsSync(s.uploads.path(NAMES[name]!));
    if (one.kind === 'upload') upload(one.name);
    else if (one.kind === 'uploadAndRefer') {
      upload(one.name);
      await Album.collection.insertOne({ image: valueOf(one.name, one.form) });
    } else if (one.kind === 'refer') {
      await Album.collection.insertOne({ image: valueOf(one.name, one.form) });
    } else if (one.kind === 'drop') {
      await Album.collection.deleteMany({ image: { $in: FORMS.map((as) => as(NAMES[one.name]!)) } });
    } else if ('to' in one && exists(one.name) && !exists(one.to)) {
      fse.ensureDirSync(s.uploads.path(NAMES[one.to]!).replace(/\/[^/]*$/, ''));
      fse.renameSync(s.uploads.path(NAMES[one.name]!), s.uploads.path(NAMES[one.to]!));
      const stored = FORMS.map((as) => as(NAMES[one.name]!));
      await Album.collection.updateMany(
        { image: { $in: stored } },
        { $set: { image: valueOf(one.to, one.form) } },
      );
    }
  }

  const there = (): string[] => NAMES.filter((name) => fse.existsSync(s.uploads.path(name)));
  const usedAndThere = async (): Promise<string[]> => {
    const used = await usedNow();
    return there().filter((name) => used.has(name));
  };
  const remove = (): Promise<SweepReport> =>
    sweep({
      models: [Album],
      remove: true,
      olderThan: 0,
      maxShare: 1,
      allow: ['no-references', 'unused-folder:d*'],
    });

  it('never removes a used file, whatever happens meanwhile; at rest the second sweep finds nothing', async () => {
    let swept = 0;
    await fc.assert(
      fc.asyncProperty(history, async ({ files, references, during }) => {
        await fse.emptyDir(s.uploads.root);
        await Album.collection.deleteMany({});
        for (const name of files) upload(name);
        for (const [name, as] of references) await Album.collection.insertOne({ image: valueOf(name, as) });

        const waiting = [...during];
        meanwhile = async (stage) => {
          for (const one of waiting.filter(([at]) => at === stage)) {
            waiting.splice(waiting.indexOf(one), 1);
            await take(one[1]);
          }
          // at the latest here a document must have the file, since the last question follows
          mustStay = await usedAndThere();
        };
        let mustStay: string[] = [];
        const first = await remove();
        swept += first.counts.removed;
        expect(there()).to.include.members(mustStay);

        meanwhile = () => Promise.resolve();
        const used = await usedAndThere();
        await remove();
        expect(there()).to.include.members(used);
        const again = await remove();
        expect(again.counts).to.include({ removed: 0, orphans: 0, used: used.length });
        // a document that points to nothing keeps the files that are named like it
        expect(there()).to.have.length(used.length + again.counts.unclear);
      }),
      { seed: SEED, numRuns },
    );
    expect(swept, 'orphans removed while the app was at work').to.be.greaterThan(0);
  }).timeout(600_000);
});
