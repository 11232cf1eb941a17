import { expect } from 'chai';
import type { Browser } from 'playwright-core';
import { chromiumPath, launchBrowser } from '../support/browser.js';
import { describeIf } from '../support/versions.js';
import { describeJudgement, judgeTexts, missedThatMustBeFound } from './random/judged.js';
import { TextPage } from './random/page.js';
import { MUST_BE_FOUND } from './random/generated-text.js';
import { countOf, SEED } from '../support/counts.js';

/** How many; `npm run texts -- --count 20000` for more. */
const COUNT = countOf('TEXTS', 100);

const executable = chromiumPath();

describeIf(executable !== undefined)('what Chromium loads of a text', function () {
  this.timeout(0);
  let browser: Browser;
  let page: TextPage;
  before(async () => {
    browser = await launchBrowser(executable!);
    page = await TextPage.open(browser);
  });
  after(async () => {
    await page.close();
    await browser.close();
  });

  it(`is found in it, in ${String(COUNT)} random texts of HTML, Markdown and JSON`, async () => {
    const judgement = await judgeTexts(page, { count: COUNT, seed: SEED });
    const told = describeJudgement(judgement);
    console.log(told.replace(/^/gm, '      '));
    expect(missedThatMustBeFound(judgement), told).to.deep.equal([]);
    expect([...judgement.loaded.keys()], 'kinds that were loaded').to.include.members([...MUST_BE_FOUND]);
  });
});
