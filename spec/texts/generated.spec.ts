import { expect } from 'chai';
import { TextReader } from '../../lib/texts/text-reader.js';
import { Dice } from '../support/spellings.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { generated, nameOf, type Format, type Generated } from './generated.js';
import { countOf, SEED } from '../support/counts.js';

/** `TEXTS=20000` generates so many; `SPEC_SEED=1` repeats a run. */
const COUNT = countOf('TEXTS', 100);
const NAMES = 40;
const DOCUMENTS = 25;

/** A document with a text, as the spec knows it. */
interface Known extends Generated {
  readonly id: unknown;
}

describe(`${String(COUNT)} generated texts (SPEC_SEED=${String(SEED)})`, function () {
  this.timeout(60_000 + COUNT * 100);
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  it('what they show is found, every image of it', () => {
    const dice = new Dice(SEED);
    const random = (): number => dice.next();
    for (let n = 0; n < COUNT; n++) {
      const names = Array.from({ length: 4 }, (_, at) => nameOf(random, at));
      const { format, value, shown } = generated(random, names);
      const found = new Set(new TextReader(format).read(value));
      for (const address of shown) expect([...found], `${format}: ${String(value)}`).to.include(address);
    }
  });

  it('what any text names is never lost, and what none names any more goes', async () => {
    const dice = new Dice(SEED);
    let goes = 0;
    let stays = 0;
    for (let n = 0; n < COUNT; n += DOCUMENTS * 2) {
      const counts = await oneApp(s, dice, n);
      goes += counts.goes;
      stays += counts.stays;
    }
    console.log(`      ${String(goes)} files went, ${String(stays)} orphans stayed`);
    // a few are kept because their names could mean two files
    expect(stays, 'orphans').to.be.at.most(1 + goes / 10);
  });
});

/** Models over one folder, documents with texts, and writes that change or delete them one after the other. */
async function oneApp(s: TestApp, dice: Dice, n: number): Promise<{ goes: number; stays: number }> {
  const random = (): number => dice.next();
  const names = Array.from({ length: NAMES }, (_, at) => nameOf(random, n + at));
  await s.uploads.put(...names);
  const mentionsUpTo = dice.oneIn(2) ? 0 : 10_000;
  const models = modelsOf(s, { n, mentionsUpTo });
  const known: Known[] = [];
  for (let at = 0; at < DOCUMENTS; at++) {
    const text = generated(random, names);
    const { _id: id } = await models[text.format].create({ body: text.value });
    known.push({ ...text, id });
  }
  const counts = { goes: 0, stays: 0 };
  for (let writes = 0; writes < DOCUMENTS; writes++) {
    const at = dice.below(known.length);
    const { format, id, images } = known[at]!;
    const after = dice.oneIn(2) ? undefined : ofFormat(format, random, names);
    if (after) {
      known[at] = { ...after, id };
      await models[format].updateOne({ _id: id }, { body: after.value });
    } else {
      known.splice(at, 1);
      await models[format].deleteOne({ _id: id });
    }
    await s.outcomes();
    const left = new Set(await s.uploads.names());
    const inUse = new Set(known.flatMap((one) => one.named));
    for (const one of inUse) expect([...left], `SPEC_SEED=${String(SEED)}: lost`).to.include(one);
    for (const one of images) if (!inUse.has(one)) counts[left.has(one) ? 'stays' : 'goes']++;
    await s.uploads.put(...names.filter((one) => !left.has(one)));
  }
  return counts;
}

function modelsOf(
  s: TestApp,
  { n, mentionsUpTo }: { n: number; mentionsUpTo: number },
): Record<Format, AnyDocumentModel> {
  const model = (format: Format): AnyDocumentModel =>
    s.model(
      `${format}${String(n)}`,
      { body: format === 'json' ? {} : String },
      { fields: [{ path: 'body', in: format }], mentionsUpTo },
    );
  return { html: model('html'), markdown: model('markdown'), json: model('json') };
}

function ofFormat(format: Format, random: () => number, names: readonly string[]): Generated {
  for (;;) {
    const text = generated(random, names);
    if (text.format === format) return text;
  }
}
