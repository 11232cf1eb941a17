import { parseArgs } from 'node:util';
import { chromiumPath, chromiumVersion, launchBrowser } from '../spec/support/browser.js';
import { mochaHooks } from '../spec/support/database.js';
import { closeTestApps, testApp } from '../spec/support/test-app.js';
import { describeJudgement, judgeTexts, missedThatMustBeFound } from '../spec/texts/random/judged.js';
import { describeOutcome, keepsWhatIsMentioned } from '../spec/texts/random/kept.js';
import { TextPage } from '../spec/texts/random/page.js';

interface Run {
  readonly count: number;
  readonly seed: number;
}

/**
 * `npm run texts -- --count 20000 [--seed N]`: random texts. What Chromium loads of them must be found in them, and no file may be
 * lost that one of them still mentions. Without Chromium only the second.
 */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { count: { type: 'string', default: '20000' }, seed: { type: 'string' } },
  });
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 32) : Number(values.seed);
  const run = { count: Number(values.count), seed };
  const isGood = [await areFound(run), await areKept(run)];
  process.exitCode = isGood.every(Boolean) ? 0 : 1;
}

async function areFound(run: Run): Promise<boolean> {
  const executable = chromiumPath();
  if (executable === undefined) {
    console.log('No Chromium (CHROMIUM_PATH, or chromium on the PATH): what it loads is not compared.');
    return true;
  }
  console.log(chromiumVersion(executable));
  const browser = await launchBrowser(executable);
  try {
    const page = await TextPage.open(browser);
    const judgement = await judgeTexts(page, {
      ...run,
      onPage: ({ texts }) => {
        tellAt(texts, run);
      },
    });
    console.log(describeJudgement(judgement));
    return missedThatMustBeFound(judgement).length === 0;
  } finally {
    await browser.close();
  }
}

async function areKept(run: Run): Promise<boolean> {
  await mochaHooks.beforeAll.call({ timeout: () => undefined } as unknown as Mocha.Context);
  try {
    const onBatch = ({ texts }: { texts: number }) => {
      tellAt(texts, run);
    };
    const outcome = await keepsWhatIsMentioned(await testApp(), { ...run, onBatch });
    console.log(describeOutcome(outcome));
    return outcome.lost.length === 0;
  } finally {
    await closeTestApps();
    await mochaHooks.afterEach();
    await mochaHooks.afterAll();
  }
}

function tellAt(texts: number, { count }: Run): void {
  if (texts % 5000 === 0 && texts < count) console.log(`${String(texts)} texts`);
}

main().then(
  // the page's connections to the server of texts end a little later
  () => process.exit(),
  (error: unknown) => {
    console.error(error);
    process.exit(1);
  },
);
