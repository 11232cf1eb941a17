import { expect } from 'chai';
import { cleanupFor, type Logger } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { watchCommands } from '../support/database.js';
import { captureConsole } from '../support/console.js';

/** A logger with `info` that notes what it is told, by level. */
function notingLogger(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const note =
    (level: string) =>
    (message: string): void => {
      lines.push(`${level} ${message}`);
    };
  return { logger: { warn: note('warn'), error: note('error'), info: note('info') }, lines };
}

describe('dryRun', () => {
  let s: TestApp;
  const definition = { image: { type: String, index: true } };
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  async function albumWith(options: object, ...images: string[]): Promise<AnyDocumentModel> {
    const Album = s.model('Album', definition, options);
    await Album.init();
    await Album.create(images.map((image) => ({ image })));
    return Album;
  }

  for (const [name, dryRun] of Object.entries({ 'dryRun: true': true, 'a function': () => true })) {
    it(`${name}: the question is asked, the event says what would go, and the file stays`, async () => {
      const Album = await albumWith({ dryRun }, 'a.png', 'b.png', 'b.png');
      const commands = watchCommands(s.connection);
      await Album.deleteOne({ image: 'a.png' });
      await Album.deleteOne({ image: 'b.png' });
      // a look-up and a question for each write
      expect(commands.of('find')).to.have.length(4);
      expect(await s.outcomes()).to.deep.equal(['kept a.png (dry run)', 'kept b.png (still used)']);
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
    });
  }

  it('a function is asked at each removal', async () => {
    let isDry = true;
    const Album = await albumWith({ dryRun: () => isDry }, 'a.png', 'b.png');
    await Album.deleteOne({ image: 'a.png' });
    isDry = false;
    await Album.deleteOne({ image: 'b.png' });
    expect(await s.outcomes()).to.deep.equal(['kept a.png (dry run)', 'removed b.png']);
    expect(await s.uploads.names()).to.deep.equal(['a.png']);
  });

  it('holds for removeUnused as well', async () => {
    const Album = await albumWith({ dryRun: true });
    await cleanupFor(Album).removeUnused(['a.png']);
    expect(await s.outcomes()).to.deep.equal(['kept a.png (dry run)']);
    expect(await s.uploads.has('a.png')).to.equal(true);
  });

  it('a logger with info gets a line for each file that would go, and for each that went', async () => {
    const { logger, lines } = notingLogger();
    let isDry = true;
    const Album = await albumWith({ logger, dryRun: () => isDry }, 'a.png', 'b.png');
    await Album.deleteOne({ image: 'a.png' });
    isDry = false;
    await Album.deleteOne({ image: 'b.png' });
    await s.outcomes();
    expect(lines).to.have.length(2);
    expect(lines[0]).to.match(
      /^info .*a\.png.*Album\.image \(deleteOne, .*would have been removed \(dry run\)/,
    );
    expect(lines[1]).to.match(/^info .*b\.png.*Album\.image \(deleteOne, .*was removed/);
  });

  it('a logger without info, and the default console, log no removals', async () => {
    const Album = await albumWith({ dryRun: true }, 'a.png');
    const printed = await captureConsole(async () => {
      const Post = s.model('Post', definition, { logger: undefined });
      const Draft = s.model('Draft', definition, { logger: undefined, dryRun: true });
      await Promise.all([Post.init(), Draft.init()]);
      await Post.create({ image: 'b.png' });
      await Post.deleteOne({});
      await Draft.create({ image: 'a.png' });
      await Album.deleteOne({});
      await Draft.deleteOne({});
      expect(await s.outcomes())
        .to.include('removed b.png')
        .and.include('kept a.png (dry run)');
    });
    expect(printed).to.deep.equal([]);
    expect(s.log).to.deep.equal([]);
  });
});
