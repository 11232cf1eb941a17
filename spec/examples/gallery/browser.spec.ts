import { expect } from 'chai';
import type { Browser, Locator, Page } from 'playwright-core';
import { chromiumPath, launchBrowser } from '../../support/browser.js';
import { RunningGallery } from '../../support/gallery.js';
import { letTimePass } from '../../support/journal.js';
import { png } from '../../support/pictures.js';
import { describeWith, itWith } from '../../support/versions.js';

describeWith('updates by pipelines')('the gallery in a browser', function () {
  this.timeout(60_000);
  let browser: Browser | undefined;
  let g: RunningGallery;
  let page: Page;

  before(async function () {
    const executable = chromiumPath();
    if (executable === undefined) {
      console.log('  no Chromium (CHROMIUM_PATH, or chromium on the PATH): browser specs are skipped');
      this.skip();
    }
    browser = await launchBrowser(executable);
  });
  after(() => browser?.close());

  beforeEach(() => open());
  /** `gracePeriod` in milliseconds. Without motion, since most specs would wait for each fading only. */
  async function open(gracePeriod = 0, reducedMotion: 'reduce' | 'no-preference' = 'reduce'): Promise<void> {
    g = await RunningGallery.start({ gracePeriod });
    page = await browser!.newPage({ viewport: { width: 1280, height: 900 }, reducedMotion });
    page.setDefaultTimeout(15_000);
    const faults: string[] = [];
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4')) faults.push(message.text());
    });
    pageFaults = faults;
    await page.goto(g.origin);
    await page.getByText('Live', { exact: true }).waitFor();
  }
  async function close(): Promise<void> {
    await page.close();
    await g.close();
    expect(pageFaults, 'errors in the page').to.deep.equal([]);
  }
  let pageFaults: string[] = [];
  afterEach(() => close());

  let colours = 0;
  const picture = (name = 'picture.png') => ({
    name,
    mimeType: 'image/png',
    buffer: png([200, ++colours % 256, 90], 64),
  });
  const card = (title: string): Locator => page.getByRole('article', { name: title, exact: true });
  const said = (text: string | RegExp): Promise<void> =>
    page.locator('#said').filter({ hasText: text }).waitFor();
  const line = (outcome: string, file: string): Locator =>
    page.locator(`#stream .${outcome}`).filter({ hasText: file });
  const fileOf = (name: string): Locator => page.locator(`[data-file="${name}"]`);
  /** The folder as the page shows it, once it shows that many files and none fades out, is the folder on disk. */
  const pageShowsTheDisk = async (count: number): Promise<string[]> => {
    await page
      .locator(count === 0 ? '#no-files' : `#folder-count:text-matches("^${String(count)} ")`)
      .waitFor();
    while ((await page.locator('.leaving').count()) > 0) {
      await page.locator('.leaving').first().waitFor({ state: 'detached' });
    }
    const shown = await page
      .locator('.file')
      .evaluateAll((files) => files.map((file) => file.getAttribute('data-file')));
    const names = await g.uploads.names();
    expect(names).to.have.length(count);
    expect(shown.sort()).to.deep.equal(names);
    return names;
  };

  async function create(title: string, images = 1, tag = ''): Promise<string> {
    await page.locator('#images').setInputFiles(Array.from({ length: images }, () => picture()));
    await page.getByLabel('Title').fill(title);
    await page.getByLabel('Tag', { exact: true }).fill(tag);
    await page.getByRole('button', { name: 'Create album' }).click();
    await said(`“${title}” was created`);
    await card(title).waitFor();
    const src = await card(title).getByAltText(`Cover of ${title}`).getAttribute('src');
    return src!.replace('/uploads/', '');
  }

  async function choose(title: string, menu: string, item: string): Promise<void> {
    await card(title).getByLabel(menu, { exact: true }).click();
    await card(title).getByRole('button', { name: item }).click();
  }

  it('creates an album from chosen images', async () => {
    const cover = await create('Dunes', 3);
    expect(await card('Dunes').getByRole('listitem').count()).to.equal(2);
    expect(await pageShowsTheDisk(3)).to.include(cover);
    expect(await fileOf(cover).textContent()).to.contain('cover of Dunes');
    await page.locator('#call', { hasText: 'Album.create' }).waitFor();
  });

  it('creates an album from dropped images', async () => {
    await page.getByLabel('Title').fill('Dropped');
    const content = [...png()];
    await page.locator('#drop').evaluate((field, bytes) => {
      const { DataTransfer, DragEvent, File } = field.ownerDocument.defaultView!;
      const transfer = new DataTransfer();
      for (const name of ['a.png', 'b.png']) {
        transfer.items.add(new File([new Uint8Array(bytes)], name, { type: 'image/png' }));
      }
      field.dispatchEvent(new DragEvent('drop', { dataTransfer: transfer, bubbles: true, cancelable: true }));
    }, content);
    await page.getByText('2 images selected').waitFor();
    await page.getByRole('button', { name: 'Create album' }).click();
    await card('Dropped').waitFor();
    await pageShowsTheDisk(2);
  });

  it('creates a sample album for those who have no images at hand', async () => {
    await page.getByRole('button', { name: 'Add a sample album' }).click();
    await said('was created with 5 files');
    await pageShowsTheDisk(5);
  });

  it('replaces a cover: the old file fades out and is named', async () => {
    const old = await create('Dunes', 2);
    await page.getByLabel('Replace cover of Dunes').setInputFiles(picture());
    await line('removed', old).waitFor();
    await said('“Dunes” has a new cover: 1 file removed.');
    await fileOf(old).waitFor({ state: 'detached' });
    expect(await pageShowsTheDisk(2)).not.to.include(old);
  });

  it('takes an image out and moves another, by keyboard', async () => {
    await create('Dunes', 4);
    const images = () =>
      card('Dunes')
        .locator('.gallery img')
        .evaluateAll((all) => all.map((image) => image.getAttribute('src')));
    const [a, b, c] = await images();
    await page.getByLabel('Move back image 1 of 3 of Dunes').focus();
    await page.keyboard.press('Enter');
    await said('has a new order');
    await card('Dunes').locator(`.gallery li:first-child img[src="${b!}"]`).waitFor();
    expect(await images()).to.deep.equal([b, a, c]);
    const focused = await page.locator(':focus').getAttribute('aria-label');
    expect(focused, 'the focus stays with the image').to.equal('Move back image 2 of 3 of Dunes');
    await page.getByLabel('Take out image 3 of 3 of Dunes').press('Enter');
    await said('One image was removed from “Dunes”: 1 file removed.');
    await line('removed', c!.replace('/uploads/', '')).waitFor();
    await pageShowsTheDisk(3);
  });

  it('keeps a shared file when one of its albums is deleted, and says why', async () => {
    const cover = await create('Dunes');
    await create('Harbour');
    await choose('Dunes', 'Share cover of Dunes', 'with Harbour');
    await said('is now also in the gallery of “Harbour”');
    await fileOf(cover).filter({ hasText: 'gallery of Harbour, cover of Dunes' }).waitFor();
    await choose('Dunes', 'Delete Dunes', 'Delete findByIdAndDelete');
    await card('Dunes').waitFor({ state: 'detached' });
    await line('kept', cover).filter({ hasText: 'a document still uses it' }).waitFor();
    expect(await pageShowsTheDisk(2)).to.include(cover);
    expect(await fileOf(cover).textContent()).not.to.contain('Dunes');
  });

  itWith('transactions')('rolls a deletion back, then commits it', async () => {
    await create('Dunes', 3);
    await choose('Dunes', 'Delete Dunes', 'roll back');
    await said('rolled back: no file left the folder before the end of the transaction');
    await pageShowsTheDisk(3);
    expect(await card('Dunes').count()).to.equal(1);
    expect(await page.locator('#stream .line').count()).to.equal(0);
    await choose('Dunes', 'Delete Dunes', 'commit');
    await said('end of the transaction): 3 files removed.');
    await card('Dunes').waitFor({ state: 'detached' });
    await pageShowsTheDisk(0);
  });

  it('deletes many by tag', async () => {
    await close();
    await open(0, 'no-preference');
    await create('Dunes', 2, 'sand');
    await create('Desert', 1, 'sand');
    const harbour = await create('Harbour', 1, 'sea');
    await page.getByLabel('Delete all albums with the tag').selectOption('sand');
    await page.getByRole('button', { name: 'Delete many' }).click();
    await said('2 albums with the tag “sand” were deleted: 3 files removed.');
    expect(await pageShowsTheDisk(1)).to.deep.equal([harbour]);
  });

  it('waits for a busy storage and tries again', async () => {
    const cover = await create('Dunes');
    await page.getByLabel('is busy for two tries').check();
    await said('The storage is busy');
    await choose('Dunes', 'Delete Dunes', 'Delete findByIdAndDelete');
    await line('removed', cover).filter({ hasText: 'removed at try 3' }).waitFor();
    expect(await line('refused', cover).count()).to.equal(2);
    await pageShowsTheDisk(0);
  });

  it('fails at once where permission is refused; the orphan can be removed later', async () => {
    const cover = await create('Dunes');
    await page.getByLabel('denies permission').check();
    await said('denies permission');
    await choose('Dunes', 'Delete Dunes', 'Delete findByIdAndDelete');
    await line('failed', cover).filter({ hasText: 'after one try: EACCES' }).waitFor();
    await fileOf(cover).filter({ hasText: 'orphan' }).waitFor();
    await pageShowsTheDisk(1);
    await page.getByRole('radio', { name: 'works', exact: true }).check();
    await said('The storage works.');
    await page.getByLabel(`Remove if unused: ${cover}`).click();
    await line('removed', cover).waitFor();
    await pageShowsTheDisk(0);
  });

  it('leaves an orphan when the plugin is off for the call', async () => {
    const cover = await create('Dunes');
    await choose('Dunes', 'Delete Dunes', 'plugin off');
    await said('its files stay as orphans.');
    await page.locator('#call', { hasText: '{ imageCleanup: false }' }).waitFor();
    await fileOf(cover).filter({ hasText: 'orphan' }).waitFor();
    await pageShowsTheDisk(1);
  });

  it('tells of bad input, shows it as text, and leaves nothing behind', async () => {
    await page.getByRole('button', { name: 'Create album' }).click();
    await said('Give the album a title.');
    const hostile = '<img src=x onerror=alert(1)>';
    await page.getByLabel('Title').fill(hostile);
    await page
      .locator('#images')
      .setInputFiles({ name: 'notes.png', mimeType: 'image/png', buffer: Buffer.from('text') });
    await page.getByRole('button', { name: 'Create album' }).click();
    await said('“notes.png” is not an image.');
    expect(await page.locator('#deed').getAttribute('data-kind')).to.equal('problem');
    await pageShowsTheDisk(0);
    await create(hostile);
    expect(await card(hostile).getByRole('heading').textContent()).to.equal(hostile);
  });

  it('shows what another page did, and says when the gallery has ended', async () => {
    await g.album('Dunes', 1);
    await card('Dunes').waitFor();
    await g.close();
    await page.getByText('Not connected; trying again').waitFor();
    await page.getByRole('button', { name: 'Add a sample album' }).click();
    await said('The gallery does not answer.');
    pageFaults.splice(0);
  });

  describe('with a grace period', () => {
    beforeEach(async () => {
      await close();
      await open(60_000);
    });
    const inBin = (name: string): Locator =>
      page.locator('.bin-entry').filter({ has: page.getByText(name, { exact: true }) });
    const letFilesGo = () => letTimePass(g.gallery.Album.db, 60_000);
    const heightOfBin = () => page.locator('.bin').evaluate((bin) => bin.clientHeight);
    const deleteAlbum = async (title: string): Promise<void> => {
      await choose(title, `Delete ${title}`, 'Delete findByIdAndDelete');
      await inBin(title).waitFor();
    };

    it('says when the files of a deleted album go; after an undo, that they are kept', async () => {
      const cover = await create('Dunes', 3);
      const height = await heightOfBin();
      await deleteAlbum('Dunes');
      await said('“Dunes” was deleted: 3 files will be removed in 60 seconds');
      await inBin('Dunes')
        .filter({ hasText: /3 files, removal in\s\d+\ss/ })
        .waitFor();
      await fileOf(cover)
        .filter({ hasText: /removal in\s\d+\ss/ })
        .waitFor();
      expect(await heightOfBin(), 'nothing has moved').to.equal(height);
      await inBin('Dunes').getByRole('button', { name: 'Undo' }).click();
      await said('“Dunes” was restored with 3 files');
      await card('Dunes').getByText('Kept: 3 files in use again').waitFor();
      await inBin('Dunes').waitFor({ state: 'detached' });
      await fileOf(cover).filter({ hasText: 'kept: cover of Dunes again' }).waitFor();
      await letFilesGo();
      await line('kept', cover).filter({ hasText: 'a document still uses it' }).waitFor();
      await pageShowsTheDisk(3);
      const shown = await card('Dunes')
        .getByRole('img')
        .evaluateAll((images) => images.map((image) => (image as { naturalWidth?: number }).naturalWidth));
      expect(shown, 'pictures').to.have.length(3).and.not.include(0);
    });

    it('not undone, the files leave, and the bin is empty again', async () => {
      const cover = await create('Dunes', 2);
      await deleteAlbum('Dunes');
      await letFilesGo();
      await line('removed', cover).waitFor();
      await pageShowsTheDisk(0);
    });

    it('deletes for ever at once', async () => {
      await create('Dunes', 2);
      await choose('Dunes', 'Delete Dunes', 'Delete permanently');
      await said('“Dunes” was deleted permanently: 2 files removed.');
      await page.locator('#no-bin').waitFor();
      await pageShowsTheDisk(0);
    });

    it('undoes the latest by keyboard, from wherever one has scrolled to', async () => {
      await create('Harbour');
      await create('Dunes');
      await deleteAlbum('Harbour');
      await deleteAlbum('Dunes');
      const undo = page.getByRole('button', { name: 'Undo the latest: Dunes' });
      await undo.press('Enter');
      await card('Dunes').waitFor();
      await page.getByRole('button', { name: 'Undo the latest: Harbour' }).press('Enter');
      await card('Harbour').waitFor();
      await page.locator('#no-bin').waitFor();
      expect(await page.locator(':focus').getAttribute('id'), 'the focus').to.equal('bin-title');
    });

    it('brings a replaced cover back, and says on the card what goes', async () => {
      const old = await create('Dunes');
      await page.getByLabel('Replace cover of Dunes').setInputFiles(picture());
      await card('Dunes')
        .getByText(/1 file dropped, removal in\s\d+\ss/)
        .waitFor();
      await inBin('Old cover of Dunes').getByRole('button', { name: 'Undo' }).click();
      await card('Dunes').locator(`.cover[src="/uploads/${old}"]`).waitFor();
      await card('Dunes').getByText('Kept: 1 file in use again').waitFor();
    });

    it('an upload without an album says when it goes, and can go now', async () => {
      await page.getByRole('button', { name: 'Upload without saving' }).click();
      await said('its form is not sent: 1 file will be removed in 60 seconds');
      await page
        .locator('.file.waiting')
        .getByText(/removal in/)
        .waitFor();
      await page.getByRole('button', { name: 'Remove if unused' }).click();
      await said('1 file removed');
      await pageShowsTheDisk(0);
    });

    it('fits a phone with a full bin', async () => {
      await page.setViewportSize({ width: 360, height: 740 });
      for (const title of ['Dunes', 'Harbour', 'Orchard']) {
        await create(title, 2);
        await deleteAlbum(title);
      }
      expect(await page.locator('html').evaluate((html) => html.scrollWidth)).to.equal(360);
      await inBin('Dunes').getByRole('button', { name: 'Undo' }).click();
      await card('Dunes').waitFor();
    });
  });

  it('fits a phone: nothing is wider than the screen', async () => {
    await page.setViewportSize({ width: 360, height: 740 });
    await create(
      'A title that is rather long, longer than one line of a small phone can hold',
      4,
      'a-tag-without-any-gap-at-all',
    );
    await page.getByLabel(/^Delete A title/).click();
    const width = await page.locator('html').evaluate((html) => html.scrollWidth);
    expect(width).to.equal(360);
  });

  it('gives every control and image a name', async () => {
    await create('Dunes', 3);
    const controls = page.locator('button, input, select, summary, a, img:not([alt=""])');
    const nameless = await controls.evaluateAll((all) =>
      all
        .filter((one) => {
          const labels = 'labels' in one ? (one.labels as unknown as { textContent: string }[] | null) : null;
          const label = labels?.[0]?.textContent ?? one.textContent;
          return !(one.getAttribute('aria-label') ?? one.getAttribute('alt') ?? label)?.trim();
        })
        .map((one) => one.outerHTML),
    );
    expect(nameless).to.deep.equal([]);
  });
});
