import { expect } from 'chai';
import { Schema } from 'mongoose';
import { cleanupFor, imageCleanup, localProvider, type ImageCleanupOptions } from '../../lib/index.js';
import { closeTestApps, type AnyDocumentModel } from '../support/test-app.js';
import { BrokenApp } from '../support/broken-app.js';
import { insertRaw, untyped } from '../support/usage.js';

const indexed = { image: { type: String, index: true } };

/** A mistake, and the words by which a stranger who reads only the output learns of it and of what to do. */
interface Mistake {
  readonly name: string;
  readonly make: (app: BrokenApp) => unknown;
  readonly told: readonly (string | RegExp)[];
}

/** Stores a value as an older version of the app did, and drops it again. */
async function storeAndDrop(model: AnyDocumentModel, ...images: unknown[]): Promise<void> {
  await insertRaw(model, ...images.map((image) => ({ image })));
  for (const image of images) await model.deleteOne({ image });
}

const inSettings: readonly Mistake[] = [
  {
    name: 'a default image in keep, in a form that no provider knows',
    make: (app) =>
      app.schema(indexed, { provider: app.provider({ baseUrl: '/static' }), keep: '/uploads/default.png' }),
    told: ['TypeError', '"keep" is \'/uploads/default.png\'', 'protect nothing', 'baseUrl'],
  },
  {
    name: 'an array of sub-documents as a field',
    make: (app) => app.schema({ images: [{ src: String, alt: String }] }, { fields: ['images'] }),
    told: ['TypeError', '"images"', 'cannot hold an image', '"images.src"'],
  },
  {
    name: 'a nested path, misspelled',
    make: (app) => app.schema({ profile: { avatar: String } }, { fields: ['profile.avtar'] }),
    told: ['TypeError', 'unknown field "profile.avtar"', 'profile.avatar'],
  },
  {
    name: 'a number as a field',
    make: (app) => app.schema({ views: Number }, { fields: ['views'] }),
    told: ['TypeError', '"views"', 'cannot hold an image'],
  },
  ...[
    ['/etc', 'folder of the operating system'],
    ['/var', 'folder of the operating system'],
    ['.', 'working directory'],
  ].map(([root, why]): Mistake => ({
    name: `the root ${root!}`,
    make: () => localProvider({ root: root! }),
    told: ['TypeError', `"root" is '${root!}'`, why!, "such as 'uploads'"],
  })),
  {
    name: 'a root from an environment variable that is not set',
    make: () => localProvider({ root: process.env['NO_SUCH_VARIABLE_OF_ANYBODY'] as string }),
    told: ['TypeError', 'undefined, as with an unset environment variable', 'set the variable'],
  },
  {
    name: 'a misspelled option beside right ones',
    make: (app) => app.schema(indexed, untyped({ onEvents: () => undefined })),
    told: ['TypeError', 'unknown option "onEvents"', 'write "onEvent"'],
  },
  {
    name: 'the plugin after mongoose.model()',
    make: async (app) => {
      const schema = new Schema(indexed);
      const name = app.nextName();
      const { db } = await app.plainModel(`${name}Other`, {});
      db.model(name, schema);
      schema.plugin(imageCleanup, { fields: ['image'], provider: app.provider() } as ImageCleanupOptions);
    },
    told: ['warn', 'after the model was compiled', 'apply it before mongoose.model()'],
  },
  {
    name: 'cleanupFor() of such a model',
    make: async (app) => {
      const name = app.nextName();
      cleanupFor((await app.plainModel(name, indexed)) as never);
    },
    told: ['TypeError', 'does not have the plugin', 'apply it before mongoose.model()'],
  },
];

const atFirstSign: readonly Mistake[] = [
  {
    name: 'a baseUrl that is not the one in the documents',
    make: async (app) => storeAndDrop(await app.model(app.nextName(), indexed), '/static/ada.png'),
    told: ['warn', '/static/ada.png', 'begin with /static', '"baseUrl" is /uploads'],
  },
  {
    name: 'a host without its port',
    make: async (app) => {
      const provider = app.provider({ hosts: ['localhost'] });
      await storeAndDrop(
        await app.model(app.nextName(), indexed, { provider }),
        'http://localhost:4000/uploads/ada.png',
      );
    },
    told: ['warn', 'localhost:4000 is not in the option "hosts"', 'need the port'],
  },
  {
    name: 'a text as a field',
    make: async (app) =>
      storeAndDrop(await app.model(app.nextName(), indexed), '<p><img src="/uploads/article.png"></p>'),
    told: ['warn', 'this looks like HTML', 'mentions: true'],
  },
  {
    name: 'a root that does not exist',
    make: async (app) => {
      const provider = app.provider({ root: `${app.root}-of-nobody` });
      const retry = { attempts: 1 };
      await storeAndDrop(await app.model(app.nextName(), indexed, { provider, retry }), 'ada.png');
    },
    told: ['error', "-of-nobody' does not exist", 'check the option "root"'],
  },
  {
    name: 'a folder that has nothing of what documents name',
    make: async (app) => {
      const root = await app.emptyFolder('other-disk');
      const model = await app.model(app.nextName(), indexed, { provider: app.provider({ root }) });
      await storeAndDrop(model, '1.png', '2.png', '3.png');
    },
    told: ['warn', 'none of the first 3 files', 'other-disk', 'check that uploads go to this storage'],
  },
  {
    name: 'enabled as an asynchronous function',
    make: async (app) => {
      const options = untyped({ enabled: () => Promise.resolve(true) });
      await storeAndDrop(await app.model(app.nextName(), indexed, options), 'ada.png');
    },
    told: ['warn', /"enabled" of "Shop\d+" returned a promise/, 'counts as off'],
  },
];

describe('the mistakes of a new user are told before a file is lost', () => {
  let app: BrokenApp;
  let before: string[];
  beforeEach(async () => {
    app = await BrokenApp.open();
    before = await app.files();
  });
  afterEach(closeTestApps);

  async function expectNothingLost(): Promise<void> {
    expect(await app.files()).to.deep.equal(before);
  }

  for (const [when, mistakes] of Object.entries({
    'at once': inSettings,
    'at the first sign': atFirstSign,
  })) {
    describe(when, () => {
      for (const { name, make, told } of mistakes) {
        it(name, async () => {
          const output = await app.told(() => make(app));
          for (const words of told) {
            if (typeof words === 'string') expect(output).to.include(words);
            else expect(output).to.match(words);
          }
          await expectNothingLost();
        });
      }
    });
  }

  describe('by those who look first', () => {
    let User: AnyDocumentModel;
    let Product: AnyDocumentModel;
    let Article: AnyDocumentModel;
    let Banner: AnyDocumentModel;
    beforeEach(async () => {
      User = await app.model('User', indexed, { dryRun: true });
      Product = await app.model('Product', { image: String });
      Article = await app.plainModel('Article', { html: String });
      Banner = await app.plainModel('Banner', { picture: String });
      await insertRaw(User, { image: '/uploads/ada.png' }, { image: '/uploads/default.png' });
      await insertRaw(Product, { image: 'chair.png' });
      await insertRaw(Article, { html: '<p>Hi</p><img src="http://localhost:4000/uploads/article.png">' });
      await insertRaw(Banner, { picture: '/uploads/banner.png' });
    });

    it('dryRun says what would go', async () => {
      const seen: string[] = [];
      const Draft = await app.model('Draft', indexed, {
        dryRun: true,
        onEvent: ({ outcome, reason, value }) => seen.push(`${outcome} ${String(value)} (${String(reason)})`),
      });
      await storeAndDrop(Draft, 'banner.png');
      expect(seen).to.deep.equal(['kept banner.png (dry run)']);
      await expectNothingLost();
    });

    it('the doctor finds each: index.html, thumbnails, the picture in an article, the banner, the settings that differ, the index', async () => {
      const { findings, status } = await app.doctor(User, Product);
      expect(status).to.equal('findings');
      expect(
        findings.map(({ kind, about }) => `${kind} ${about.replace(app.root, 'uploads')}`),
      ).to.have.members([
        'differing-options local uploads',
        'missing-index Product',
        'out-of-scope Article.html',
        'out-of-scope Banner.picture',
        'unnamed-folder local uploads',
        'unnamed-kind local uploads',
      ]);
      for (const { advice, message } of findings) {
        expect(advice).to.have.length.above(20);
        expect(message).to.have.length.above(20);
      }
      const adviceOf = (about: string): string => findings.find((one) => one.about === about)!.advice;
      expect(adviceOf('Article.html')).to.include('mentions: true');
      expect(adviceOf('Banner.picture')).to.include("fields: ['picture']");
      await expectNothingLost();
    });

    it('values of another base, a folder of another machine: the doctor finds them before a write does', async () => {
      const root = await app.emptyFolder('other-disk');
      const Moved = await app.model('Moved', indexed, { provider: app.provider({ root }) });
      await insertRaw(Moved, ...['/static/1.png', '1.png', '2.png', '3.png'].map((image) => ({ image })));
      const { findings } = await app.doctor(Moved);
      expect(findings.map(({ kind, about }) => `${kind} ${about}`)).to.include.members([
        'unknown-values Moved.image',
        'nothing-there Moved.image',
      ]);
      await expectNothingLost();
    });

    describe('by the sweep', () => {
      it('index.html and thumbnails: refused by name and count, each with the option for just that', async () => {
        const { status, refusals } = await app.sweep(User, Product);
        await expectNothingLost();
        expect(status).to.equal('refused');
        const told = (reason: string): string =>
          refusals
            .filter((one) => (one.reason as string) === reason)
            .map(({ message, override }) => `${message} ${override}`)
            .join('\n');
        expect(told('foreign-kind'))
          .to.match(/\b1\b/)
          .and.include('.html')
          .and.include('--allow foreign-kind:.html');
        expect(told('unused-folder'))
          .to.match(/\b2\b/)
          .and.include('thumbs')
          .and.include('--allow unused-folder:thumbs');
        expect(told('unused-folder')).to.include('--exclude');
      });

      it('the picture in an article and the banner: kept, and named with the document that names them', async () => {
        const report = await app.sweep(User, Product);
        await expectNothingLost();
        expect(report.counts.unclear).to.equal(2);
        expect(report.counts.orphans).to.equal(3);
        const text = JSON.stringify(report);
        expect(text).to.include('Article').and.include('Banner').and.include('/uploads/banner.png');
      });

      it('a model that keeps files there and was not given: named with the option that includes it', async () => {
        const { status, refusals } = await app.sweep(User);
        await expectNothingLost();
        expect(status).to.equal('refused');
        const shared = refusals.find(({ reason }) => reason === 'shared-storage');
        expect(`${shared!.message} ${shared!.override}`).to.include('--model Product');
      });
    });
  });
});
