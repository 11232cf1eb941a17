import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, Locator, Page } from 'playwright-core';
import { openBlog, type Blog } from '../../examples/blog/blog.js';
import { chromiumPath, launchBrowser } from '../support/browser.js';
import { freshDatabase } from '../support/database.js';
import { letTimePass } from '../support/journal.js';
import { png } from '../support/pictures.js';
import { Uploads } from '../support/uploads.js';
import { describeIf } from '../support/versions.js';

const executable = chromiumPath();
const UNSAVED_MS = 60_000;

describeIf(executable !== undefined)('the blog in a browser', function () {
  this.timeout(60_000);
  let browser: Browser;
  let blog: Blog;
  let uploads: Uploads;
  let server: Server;
  let page: Page;
  let faults: unknown[];

  before(async () => {
    browser = await launchBrowser(executable!);
  });
  after(() => browser.close());

  beforeEach(async () => {
    uploads = await Uploads.create();
    faults = [];
    const quiet = { warn: () => undefined, error: () => undefined };
    blog = await openBlog({
      mongodbUri: freshDatabase(),
      dataFolder: uploads.outside,
      unsavedMs: UNSAVED_MS,
      workEvery: '100ms',
      logger: quiet,
      log: (error) => faults.push(error),
    });
    server = createServer(blog.app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().includes('status of 4')) faults.push(message.text());
    });
    await page.goto(`http://127.0.0.1:${String((server.address() as AddressInfo).port)}`);
    await page.getByText('Live', { exact: true }).waitFor();
  });
  afterEach(async () => {
    await page.close();
    await blog.close({ dropDatabase: true });
    server.closeAllConnections();
    server.close();
    await uploads.destroy();
    expect(faults, 'errors in the page and of the server').to.deep.equal([]);
  });

  let colours = 0;
  const editor = (): Locator => page.locator('#editor .ql-editor');
  const pictures = (): Promise<(string | null)[]> =>
    editor()
      .locator('img')
      .evaluateAll((all) => all.map((image) => image.getAttribute('src')));
  const said = (text: string): Promise<void> => page.locator('#said').filter({ hasText: text }).waitFor();
  const line = (outcome: string, file: string): Locator =>
    page.locator(`#stream .${outcome}`).filter({ hasText: file });
  const fileOf = (name: string): Locator => page.locator(`[data-file="${name}"]`);
  const press = (name: string): Promise<void> => page.getByRole('button', { name, exact: true }).click();

  /** Inserts a new picture at the cursor by the button of the editor; gives the file's name. */
  async function insertPicture(): Promise<string> {
    const before = await pictures();
    const chooser = page.waitForEvent('filechooser');
    await page.locator('.ql-toolbar .ql-image').click();
    const buffer = png([200, ++colours % 256, 90], 32);
    await (await chooser).setFiles({ name: 'my picture.png', mimeType: 'image/png', buffer });
    await editor().locator('img').nth(before.length).waitFor();
    const [added] = (await pictures()).filter((src) => !before.includes(src));
    return added!.replace('/uploads/', '');
  }

  async function write(title: string): Promise<string> {
    await press('New post');
    await page.getByLabel('Title').fill(title);
    await editor().click();
    await page.keyboard.type(`About ${title}. `);
    const name = await insertPicture();
    await press('Save');
    await said(`“${title}” was published.`);
    await fileOf(name)
      .filter({ hasText: `in ${title}` })
      .waitFor();
    return name;
  }

  async function edit(title: string): Promise<void> {
    await press(`Edit ${title}`);
    await said(`You are editing “${title}”.`);
  }

  async function save(title: string): Promise<void> {
    await press('Save');
    await said(`“${title}” was saved.`);
  }

  it('inserts a picture into a post: the file is in the folder, and the post shows it again', async () => {
    const name = await write('Dunes');
    expect(await uploads.names()).to.deep.equal([name]);
    const { body } = await blog.Post.findOne().lean().orFail();
    expect(body).to.contain(`<img src="/uploads/${name}">`);
    await page.reload();
    await edit('Dunes');
    expect(await pictures()).to.deep.equal([`/uploads/${name}`]);
    const width = await editor()
      .locator('img')
      .evaluate((image) => (image as { naturalWidth?: number }).naturalWidth);
    expect(width).to.equal(32);
  });

  it('removes the file of a picture that is edited out, and no other', async () => {
    const first = await write('Dunes');
    await edit('Dunes');
    const second = await insertPicture();
    await save('Dunes');
    await editor().click();
    expect(await pictures()).to.deep.equal([`/uploads/${second}`, `/uploads/${first}`]);
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Backspace');
    expect(await pictures()).to.deep.equal([`/uploads/${second}`]);
    await save('Dunes');
    await line('removed', first).waitFor();
    expect(await uploads.names()).to.deep.equal([second]);
  });

  it('keeps the file of a picture that moves into another post, by its address', async () => {
    const name = await write('Dunes');
    const other = await write('Harbour');
    await edit('Harbour');
    await press(`Insert ${name} into the post`);
    await save('Harbour');
    await press('Delete Dunes');
    await said('“Dunes” was deleted.');
    await line('kept', name).waitFor();
    expect(await uploads.names()).to.deep.equal([name, other].sort());
    await press('Delete Harbour');
    await line('removed', name).waitFor();
    await line('removed', other).waitFor();
    expect(await uploads.names()).to.deep.equal([]);
  });

  it('keeps it as well when it is copied out of one post and pasted into the other', async () => {
    const name = await write('Dunes');
    await write('Harbour');
    await edit('Dunes');
    await editor().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Control+C');
    await edit('Harbour');
    await editor().click();
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Control+V');
    await editor().locator(`img[src$="${name}"]`).waitFor();
    expect(await pictures(), 'addresses without the host').to.include(`/uploads/${name}`);
    await save('Harbour');
    await edit('Dunes');
    await editor().click();
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    await save('Dunes');
    await line('kept', name).waitFor();
    expect(await uploads.has(name)).to.equal(true);
  });

  it('removes all files of a deleted post', async () => {
    await write('Dunes');
    await edit('Dunes');
    await insertPicture();
    await save('Dunes');
    const names = await uploads.names();
    expect(names).to.have.length(2);
    await press('Delete Dunes');
    for (const name of names) await line('removed', name).waitFor();
    await page.locator('#no-files').waitFor();
    expect(await uploads.names()).to.deep.equal([]);
  });

  it('removes in time what was uploaded into a post that nobody saved', async () => {
    const saved = await write('Dunes');
    await press('New post');
    await editor().click();
    const name = await insertPicture();
    await fileOf(name).filter({ hasText: 'in no post' }).waitFor();
    await press('New post');
    await letTimePass(blog.Post.db, UNSAVED_MS);
    await line('removed', name).waitFor();
    expect(await uploads.names()).to.deep.equal([saved]);
  });

  it('tells what is wrong, and shows hostile HTML as nothing that runs', async () => {
    await press('Save');
    await said('Give the post a title.');
    const hostile = '<img src="x" onerror="document.title=1"><script>document.title=2</script><p>Hello</p>';
    await blog.Post.create({ title: '<b>Bold</b>', body: hostile });
    await page.reload();
    await edit('<b>Bold</b>');
    await editor().getByText('Hello').waitFor();
    expect(await editor().innerHTML()).not.to.match(/onerror|<script/);
    expect(await page.title()).to.contain('Blog');
    // the picture of that post is none of ours
    faults.splice(0);
  });
});
