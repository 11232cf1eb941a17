import { expect } from 'chai';
import { cleanupFor, sweep } from '../../lib/index.js';
import { memoryProvider, type MemoryProvider } from '../../lib/testing/index.js';
import { letTimePass } from '../support/journal.js';
import { randomFrom } from '../crashes/random.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { countOf, SEED } from '../support/counts.js';
import { itWith } from '../support/versions.js';

const RUNS = countOf('DERIVED_RUNS', 6);
const STEPS = 25;

/** `a.png` and `a.jpg` have one thumbnail, and each has a small one of its own. */
const derived = (id: string): string[] => [`thumbs/${id.replace(/\.\w+$/, '')}.webp`, `small/${id}`];
const ORIGINALS = ['a.png', 'a.jpg', 'b.png', 'a-and-b.png'];
const ALL = [...new Set([...ORIGINALS, ...ORIGINALS.flatMap(derived)])];

type Held = { image?: string; cover?: string };

describe('derived files in random histories', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  let storage: MemoryProvider;
  let random: () => number;
  afterEach(closeTestApps);

  const oneOf = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)]!;
  const value = (): string => {
    const id = oneOf(random() < 0.8 ? ORIGINALS : ALL);
    return oneOf([`memory:${id}`, `memory://${id}?v=2`, `memory:${id}`, `see ${id} here`]);
  };
  const content = (): Held => ({ image: value(), ...(random() < 0.4 && { cover: value() }) });

  /** What documents store, and the ids that they use by it: themselves or as what an original of them is. */
  async function look(): Promise<{ stored: Set<string>; used: Set<string>; mentioned: Set<string> }> {
    const documents = await Album.find().lean<Held[]>();
    const values = documents.flatMap(({ image, cover }) => [image, cover]).filter((one) => one !== undefined);
    const ids = (form: RegExp): string[] => values.flatMap((one) => form.exec(one)?.[1] ?? []);
    const [stored, texts] = [ids(/^memory:(?:\/\/)?([\w./-]+)/), ids(/^see ([\w./-]+)/)];
    const used = [...stored, ...texts].flatMap((id) => [id, ...derived(id)]);
    const mentioned = texts.flatMap((id) => [baseOf(id), ...derived(baseOf(id)).map(baseOf)]);
    return { stored: new Set(stored), used: new Set(used), mentioned: new Set(mentioned) };
  }
  const baseOf = (id: string): string => id.slice(id.lastIndexOf('/') + 1);

  const steps: (() => Promise<unknown>)[] = [
    () => Album.create(content()),
    () => Album.create(content()),
    () => Album.updateOne({}, content()),
    () => Album.updateMany({ cover: { $exists: true } }, { $unset: { cover: 1 } }),
    () => Album.deleteOne({}),
    () => Album.deleteOne({ image: /png/ }),
    () => Album.deleteMany({ image: { $ne: `memory:${oneOf(ORIGINALS)}` } }),
    () => cleanupFor(Album).removeUnused([`memory:${oneOf(ALL)}`]),
    async () => {
      // fewer at once than there are tries
      storage.reset();
      storage.failNext(1);
    },
    () => sweep({ models: [Album], olderThan: 0, remove: true, maxShare: 1 }),
  ];

  async function settle(hasJournal: boolean): Promise<void> {
    await cleanupFor(Album).idle();
    if (!hasJournal) return;
    await letTimePass(s.connection, 3_600_000);
    await cleanupFor(Album).runDue();
  }

  async function play(hasJournal: boolean): Promise<void> {
    for (let step = 0; step < STEPS; step++) {
      for (const id of ALL) if (random() < 0.3) storage.put(id);
      const there = new Set(storage.files.keys());
      const before = await look();
      await oneOf(steps)();
      await settle(hasJournal);
      const { used, mentioned } = await look();
      const where = `step ${String(step)}`;
      for (const id of used)
        if (there.has(id) && before.used.has(id))
          expect(storage.has(id), `${id} is in use, ${where}`).to.equal(true);
      for (const id of before.stored) {
        const isBound = (one: string): boolean => used.has(one) || mentioned.has(baseOf(one));
        if (isBound(id)) continue;
        const left = [id, ...derived(id)].filter((one) => storage.has(one) && !isBound(one));
        expect(left, `dropped with ${id}, ${where}`).to.deep.equal([]);
      }
    }
  }

  for (const hasJournal of [false, true]) {
    itWith(...(hasJournal ? ['updates by pipelines' as const] : []))(
      `lose nothing that is used and leave nothing that was dropped${hasJournal ? ', with a journal' : ''}`,
      async function () {
        this.timeout(0);
        for (let run = 0; run < RUNS; run++) {
          const seed = SEED + run;
          random = randomFrom(seed);
          s = await testApp();
          storage = memoryProvider({ derived });
          Album = s.model(
            'Album',
            { image: { type: String, index: true }, cover: String },
            {
              fields: ['image', 'cover'],
              provider: storage,
              journal: hasJournal,
              retry: { attempts: 3, minDelayMs: 1, maxDelayMs: 2 },
            },
          );
          await Album.init();
          try {
            await play(hasJournal);
          } catch (error) {
            throw new Error(`seed ${String(seed)}: ${(error as Error).message}`, { cause: error });
          }
        }
        console.log(`      seed ${String(SEED)}`);
      },
    );
  }
});
