import { expect } from 'chai';
import fse from 'fs-extra';
import { Schema } from 'mongoose';
import {
  doctor,
  imageCleanup,
  localProvider,
  type DoctorOptions,
  type Finding,
  type StorageProvider,
} from '../../lib/index.js';
import { cloudinaryProvider } from '../../lib/providers/cloudinary/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { connect, watchCommands } from '../support/database.js';
import { letTimePass } from '../support/journal.js';
import { insertRaw, multerResult } from '../support/usage.js';
import { itWith } from '../support/versions.js';

const indexed = { image: { type: String, index: true } };

describe('doctor()', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
  });
  afterEach(closeTestApps);

  async function album(options: object = {}, definition: object = indexed): Promise<AnyDocumentModel> {
    const Album = s.model('Album', definition as never, options);
    await Album.init();
    return Album;
  }

  async function findingsOf(
    Album: AnyDocumentModel,
    options: Partial<DoctorOptions> = {},
  ): Promise<readonly Finding[]> {
    return (await doctor({ models: [Album], ...options })).findings;
  }

  const kinds = (findings: readonly Finding[]): string[] =>
    findings.map(({ kind, about }) => `${kind} ${about}`);

  describe('the journal', () => {
    const drop = async (options: object): Promise<AnyDocumentModel> => {
      await s.uploads.put('1.png');
      const Album = await album({ journal: true, gracePeriod: '1h', ...options });
      await Album.create({ image: '1.png' });
      await Album.deleteMany({});
      return Album;
    };

    itWith('updates by pipelines')('that no worker has looked at for more than a day', async () => {
      const Album = await drop({});
      await letTimePass(s.connection, 2 * 3_600_000);
      expect(kinds(await findingsOf(Album))).not.to.include(`no-worker journal of ${s.connection.name}`);
      await letTimePass(s.connection, 24 * 3_600_000);
      const finding = (await findingsOf(Album)).find(({ kind }) => kind === 'no-worker');
      expect(finding).to.include({ about: `journal of ${s.connection.name}`, count: 1 });
      expect(finding!.message).to.include('due for more than a day, and no worker has taken them');
      expect(finding!.advice).to.include('run a worker: cleanupFor(mongoose).work()');
    });

    itWith('updates by pipelines')('says on which machine', async () => {
      const Album = await drop({ provider: localProvider({ root: s.uploads.root, machine: 'web-1' }) });
      await letTimePass(s.connection, 26 * 3_600_000);
      const finding = (await findingsOf(Album)).find(({ kind }) => kind === 'no-worker');
      expect(finding!.advice).to.include("run a worker on the machine 'web-1'");
    });
  });

  describe('plugin calls', () => {
    it('on a schema whose model is there already', async () => {
      const schema = new Schema({ photo: String });
      const Late = s.connection.model('Late', schema);
      schema.plugin(imageCleanup, { fields: ['photo'], ...s.options });
      const Album = await album();
      const [finding, ...others] = await findingsOf(Album, { models: [Album, Late as never] });
      expect(others).to.deep.equal([]);
      expect(finding).to.include({ kind: 'plugin-without-effect', about: 'Late' });
      expect(finding!.advice).to.include('before mongoose.model()');
    });

    it('on a schema of sub-documents alone', async () => {
      const photo = new Schema({ url: String });
      photo.plugin(imageCleanup, { fields: ['url'], ...s.options });
      s.connection.model('Post', new Schema({ photos: [photo] }));
      const [finding] = await findingsOf(await album());
      expect(finding).to.include({ kind: 'plugin-without-effect', about: 'Post' });
      expect(finding!.advice).to.include("fields: ['photos.url']");
    });

    it('on a discriminator alone', async () => {
      const Animal = s.connection.model('Animal', new Schema({ name: String }));
      const schema = new Schema({ image: String });
      schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
      const Dog = Animal.discriminator('Dog', schema) as unknown as AnyDocumentModel;
      await Animal.collection.createIndex({ image: 1 });
      await Dog.init();
      const findings = await findingsOf(Dog);
      expect(kinds(findings)).to.deep.equal(['plugin-without-effect Dog']);
      expect(findings[0]!.advice).to.include('"Animal"');
    });
  });

  describe('settings', () => {
    for (const [name, one, other] of [
      ['removal', 'wait', 'background'],
      ['enabled', true, () => true],
      ['dryRun', false, true],
      ['keep', [/default/], []],
      ['mentionsUpTo', 0, 5],
    ] as const) {
      it(`two models over one storage that differ in ${name}`, async () => {
        const Album = await album({ [name]: one });
        const Post = s.model('Post', indexed, { [name]: other } as never);
        await Post.init();
        const findings = await findingsOf(Album, { models: [Album, Post] });
        expect(kinds(findings)).to.deep.equal([`differing-options local ${s.uploads.root}`]);
        expect(findings[0]!.message).to.include('"Album" and "Post"').and.include(`"${name}"`);
      });
    }

    it('none for the same settings, in another order or by functions of the same text', async () => {
      const options = (): object => ({ enabled: () => process.env['NODE_ENV'] !== 'off' });
      const Album = await album({ ...options(), keep: [/a/, 'x.png'] });
      const Post = s.model('Post', indexed, { ...options(), keep: ['x.png', /a/] });
      await Post.init();
      expect(await findingsOf(Album, { models: [Album, Post] })).to.deep.equal([]);
    });

    it("references: 'model' over a storage that has files of others", async () => {
      const Album = await album({ references: 'model' });
      const Post = s.model('Post', indexed);
      await Post.init();
      const findings = await findingsOf(Album, { models: [Album, Post] });
      expect(kinds(findings)).to.deep.equal(['narrow-references Album']);
      const Draft = s.model('Draft', indexed, { references: ['model', 'Album', 'Post'] });
      await Draft.init();
      expect(kinds(await findingsOf(Draft, { models: [Draft, Post] }))).to.deep.equal([]);
    });

    it('models of two connections over one storage, which do not ask each other', async () => {
      const Album = await album();
      const other = await connect();
      const schema = new Schema(indexed);
      schema.plugin(imageCleanup, { fields: ['image'], ...s.options, references: [Album] });
      const Tenant = other.model('Tenant', schema) as unknown as AnyDocumentModel;
      await Tenant.init();
      const findings = await findingsOf(Album);
      expect(kinds(findings)).to.deep.equal(['narrow-references Album']);
      expect(findings[0]!.message).to.include(
        `"Tenant" (${other.name}) also keeps files in local ${s.uploads.root}`,
      );
      expect(findings[0]!.advice).to.include('the models themselves');
      expect(kinds(await findingsOf(Tenant))).to.deep.equal([]);
    });

    it('a keep string that a later configuration does not know', async () => {
      const settings: { cloud_name?: string } = {};
      const sdk = {
        config: () => settings,
        uploader: { destroy: () => Promise.resolve({}) },
        api: { resources: () => Promise.resolve({}), delete_resources: () => Promise.resolve({}) },
      };
      const Album = await album({
        provider: cloudinaryProvider({ cloudinary: sdk }),
        keep: ['/uploads/x.png'],
      });
      settings.cloud_name = 'demo';
      expect(kinds(await findingsOf(Album))).to.include('useless-keep Album');
    });
  });

  describe('indexes', () => {
    it('not declared, and declared but not built, for every model that is asked', async () => {
      const Album = await album({}, { image: String });
      await insertRaw(s.model('Post', indexed, {}, { autoIndex: false }), {});
      const findings = await findingsOf(Album);
      expect(kinds(findings).sort()).to.deep.equal(['missing-index Album', 'missing-index Post']);
      const adviceOf = (name: string) => findings.find(({ about }) => about === name)!.advice;
      expect(adviceOf('Album')).to.include("schema.index({ 'image': 1 })");
      expect(adviceOf('Post')).to.include('Post.createIndexes()');
    });
  });

  describe('storages', () => {
    it('a folder that does not exist, and one that is a file', async () => {
      const Album = await album({ provider: localProvider({ root: s.uploads.path('none') }) });
      await fse.outputFile(s.uploads.path('file'), '');
      const Post = s.model('Post', indexed, { provider: localProvider({ root: s.uploads.path('file') }) });
      await Post.init();
      const findings = await findingsOf(Album, { models: [Album, Post] });
      expect(findings.map(({ kind, message }) => `${kind} ${message}`)).to.deep.equal([
        `unusable-storage the folder '${s.uploads.path('none')}' does not exist`,
        `unusable-storage '${s.uploads.path('file')}' is not a folder`,
      ]);
      expect(await s.uploads.names()).to.deep.equal(['file']);
    });

    it('a check that throws or hangs is a finding, never a failure', async () => {
      const broken: StorageProvider = {
        ...localProvider({ root: s.uploads.root }),
        check: () => Promise.reject(new Error('no disk at http://me:TOPSECRET@example.com')),
      };
      const hanging = { ...broken, name: 'hanging', check: () => new Promise<never>(() => undefined) };
      const Album = await album({ provider: [broken, hanging], timeoutMs: 1000 });
      const { findings, storages } = await doctor({ models: [Album] });
      const messages = findings.map(({ message }) => message);
      expect(storages[0]!.problem).to.equal(messages[0]);
      expect(messages[0]).to.equal('no disk at http://***@example.com');
      expect(messages[1]).to.match(/took longer than/);
    });

    it('a provider without check is noted', async () => {
      const { check: _check, ...provider } = localProvider({ root: s.uploads.root });
      const { notes, findings } = await doctor({ models: [await album({ provider })] });
      expect(findings).to.deep.equal([]);
      expect(notes.join()).to.include('has no check()');
    });
  });

  describe('stored values', () => {
    it('are counted by reason, with examples and the likely cause', async () => {
      const Album = await album({ keep: [/^https:\/\/gravatar\.com\//] });
      await s.uploads.put('a.png', 'b.png', '50%20off.png', '50 off.png');
      const images = [
        ...['a.png', '/uploads/b.png', 'gone.png', 'https://gravatar.com/x.png'],
        ...['/static/c.png', '../d.png', 'x/../e.png', '/uploads/50%20off.png'],
      ];
      await insertRaw(Album, ...images.map((image) => ({ image })));
      const { findings, models } = await doctor({ models: [Album] });
      expect(models[0]!.fields[0]!.counts).to.deep.equal({
        ...{ owned: 2, missing: 1, protected: 1, notOurs: 1, unsafe: 1, notCanonical: 1, ambiguous: 1 },
        unanswered: 0,
      });
      expect(findings.map(({ kind, examples }) => [kind, ...(examples ?? [])].join(' '))).to.deep.equal([
        'unknown-values /static/c.png',
        'unknown-values ../d.png',
        'unknown-values x/../e.png',
        'unknown-values /uploads/50%20off.png',
      ]);
      expect(findings[0]!.message).to.include('1 of 8').and.include('"baseUrl" is /uploads');
    });

    it('old and new ones are looked at, and no more than the sample', async () => {
      const Album = await album();
      await s.uploads.put('a.png');
      const many = Array.from({ length: 50 }, () => ({ image: 'a.png' }));
      await insertRaw(Album, { image: '/old/1.png' }, ...many, { image: '/new/2.png' });
      const { models, findings } = await doctor({ models: [Album], sample: 10 });
      expect(models[0]!.fields[0]!.sampled).to.equal(10);
      expect(findings[0]!.examples).to.have.members(['/old/1.png', '/new/2.png']);
    });

    it('a storage that has nothing of what documents name', async () => {
      const Album = await album();
      await insertRaw(Album, ...['1', '2', '3'].map((name) => ({ image: `${name}.png` })));
      const findings = await findingsOf(Album);
      expect(kinds(findings)).to.deep.equal(['nothing-there Album.image']);
      expect(findings[0]!.message).to.include(s.uploads.root);
    });

    it('signatures, keys and passwords are masked, whoever delivers the address', async () => {
      const Album = await album();
      const secrets = ['TOPSECRET1', 'TOPSECRET2', 'TOPSECRET3', 'TOPSECRET4'] as const;
      await insertRaw(
        Album,
        { image: `https://s3.example.com/a.png?X-Amz-Signature=${secrets[0]}` },
        { image: `https://me:${secrets[1]}@example.com/a.png` },
        { image: `https://res.cloudinary.com/demo/image/upload/s--${secrets[2]}--/a.png` },
      );
      s.connection.model('Raw', new Schema({ file: {} }));
      await insertRaw(s.connection.model('Raw') as AnyDocumentModel, {
        file: { public_id: 'x', api_key: secrets[3], secure_url: `https://x.y/a.png?token=${secrets[0]}` },
      });
      const report = JSON.stringify(await doctor({ models: [Album] }));
      expect(report).to.include('X-Amz-Signature=***').and.include('s--***--');
      for (const secret of secrets) expect(report).to.not.include(secret);
    });
  });

  describe('values that look like files and are not in scope', () => {
    async function outsider(definition: object, ...documents: object[]): Promise<readonly Finding[]> {
      const Page = s.connection.model(
        'Page',
        new Schema(definition as Record<string, object>),
      ) as AnyDocumentModel;
      await insertRaw(Page, ...documents);
      return (await findingsOf(await album())).filter(({ kind }) => kind === 'out-of-scope');
    }

    for (const [what, path, value] of [
      ['a path', 'banner', '/uploads/a.png'],
      ['a name', 'banner', 'my holiday.PNG'],
      ['an address', 'banner', 'https://example.com/a.jpeg?v=2'],
      ['HTML', 'banner', '<p>Hi <img alt="" src="/uploads/a"></p>'],
      ['Markdown', 'banner', 'Look: ![me](/uploads/a)'],
      ['an upload result', 'banner', multerResult('uploads/', 'f00')],
      ['a file without extension that is stored', 'banner', 'uploads/f00dfeed'],
    ] as const) {
      it(`${what}, in a model without the plugin`, async () => {
        await s.uploads.put('f00dfeed');
        const found = await outsider({ [path]: {} }, { [path]: value });
        expect(kinds(found)).to.deep.equal([`out-of-scope Page.${path}`]);
        const isText = ['HTML', 'Markdown'].includes(what);
        expect(found[0]!.advice.includes('mentions: true')).to.equal(isText);
      });
    }

    it('at any depth, in arrays, Maps and undeclared paths, each path once', async () => {
      const found = await outsider(
        { blocks: [{ data: {} }], thumbs: { type: Map, of: String } },
        { blocks: [{ data: { src: 'a.png' } }, { data: { src: 'b.png' } }], other: { logo: 'c.svg' } },
        { thumbs: { small: 's.png', large: 'l.png' } },
      );
      expect(found.map(({ about, count }) => `${about} ${String(count)}`).sort()).to.deep.equal([
        'Page.blocks.data.src 2',
        'Page.other.logo 1',
        'Page.thumbs.$* 2',
      ]);
    });

    it('everyday values are none', async () => {
      const found = await outsider(
        { any: {} },
        ...[
          ...[
            'and/or',
            'a@b.com',
            'v1.2.3',
            'https://example.com/',
            '2024-01-01',
            'x.y',
            '5f4dcc3b5aa765d61d8327deb882cf99',
          ],
          ...[
            '<p>Hello</p>',
            'See https://example.com/page.',
            'Price: 5.20',
            '/about/us',
            { url: 'https://example.com/' },
          ],
        ].map((any) => ({ any })),
      );
      expect(found).to.deep.equal([]);
    });

    it('none where the model is named in references, or its plugin tracks the path; untracked ones of it are told', async () => {
      const Page = s.connection.model('Page', new Schema({ html: String })) as AnyDocumentModel;
      await insertRaw(Page, { html: '<img src="/uploads/a.png">' });
      const references = [{ model: Page, fields: ['html'], mentions: true }];
      const definition = { ...indexed, draft: String, photos: [{ url: { type: String, index: true } }] };
      const Album = await album({ references, fields: ['image', 'photos.url'] }, definition);
      await Page.collection.createIndex({ html: 1 });
      await s.uploads.put('a.png', 'b.png');
      await insertRaw(Album, { image: 'a.png', photos: [{ url: 'b.png' }], draft: 'c.png' });
      const findings = await findingsOf(Album);
      expect(kinds(findings)).to.deep.equal(['out-of-scope Album.draft']);
      expect(findings[0]!.advice).to.include('add \'draft\' to "fields"');
    });

    it('what is ignored is not told: a path or a whole model', async () => {
      const Page = s.connection.model('Page', new Schema({ banner: String })) as AnyDocumentModel;
      await insertRaw(Page, { banner: 'a.png' });
      const Album = await album();
      expect(await findingsOf(Album)).to.have.length(1);
      for (const ignore of [['Page.banner'], ['Page']]) {
        expect(await findingsOf(Album, { ignore })).to.deep.equal([]);
      }
      await insertRaw(Album, { image: '/static/x.png' });
      expect(await findingsOf(Album, { ignore: ['Page', 'Album.image'] })).to.deep.equal([]);
    });
  });

  describe('files that no document names', () => {
    it('kinds and folders, topmost first, each with the option of the sweep', async () => {
      const Album = await album();
      await s.uploads.put('a.png', '2024/b.png', 'index.html', 'site.css', 'odd');
      await s.uploads.put('thumbs/a.png', 'thumbs/deep/b.png', '2024/cache/x.png');
      await insertRaw(Album, { image: 'a.png' }, { image: '2024/b.png' });
      const findings = await findingsOf(Album);
      expect(
        findings.map(({ kind, count, examples }) => `${kind} ${String(count)} ${String(examples?.[0])}`),
      ).to.have.members([
        'unnamed-folder 2 thumbs/a.png',
        'unnamed-folder 1 2024/cache/x.png',
        'unnamed-kind 1 index.html',
        'unnamed-kind 1 site.css',
        'unnamed-kind 1 odd',
      ]);
      expect(findings.find(({ kind }) => kind === 'unnamed-folder')!.advice).to.include(
        "--exclude 'thumbs/**'",
      );
    });

    it('none where the sample was too small to know: some of the files are asked about', async () => {
      const Album = await album();
      await s.uploads.put('new.png', 'old/1.gif', 'last.png');
      await insertRaw(Album, { image: 'new.png' }, { image: 'old/1.gif' }, { image: 'last.png' });
      expect(await findingsOf(Album, { sample: 2 })).to.deep.equal([]);
    });

    it('an orphan of a kind and a folder that documents name is none: that is what the sweep is for', async () => {
      const Album = await album();
      await s.uploads.put('a.png', 'orphan.PNG', 'sub/b.png', 'sub/orphan.png');
      await insertRaw(Album, { image: 'a.png' }, { image: 'sub/b.png' });
      expect(await findingsOf(Album)).to.deep.equal([]);
    });
  });

  describe('what a removal costs', () => {
    it('counts the commands of the look-up and of the questions', async () => {
      const Album = await album();
      const Post = s.model('Post', indexed);
      await Post.init();
      const { models } = await doctor({ models: [Album] });
      expect(models[0]!.cost).to.include({ commands: 3 });
      expect(models[0]!.cost!.collections).to.have.members(['albums', 'posts']);
      expect(models[0]!.cost!.ms).to.be.a('number');
    });

    it('says nothing of commands where nobody can count them', async () => {
      const connection = await connect({ monitorCommands: false });
      const schema = new Schema(indexed);
      schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
      const Album = connection.model('Album', schema) as AnyDocumentModel;
      await Album.init();
      const { models } = await doctor({ models: [Album] });
      expect(models[0]!.cost!.commands).to.equal(null);
    });

    it('a question that is not answered is a finding', async () => {
      const Album = await album({ references: [() => Promise.reject(new Error('no service'))] });
      const findings = await findingsOf(Album);
      expect(kinds(findings)).to.deep.equal(['unanswered Album']);
      expect(findings[0]!.message).to.include('no service');
    });
  });

  it('switched off or dry is a note, not a finding', async () => {
    const { notes, findings } = await doctor({
      models: [await album({ enabled: () => false, dryRun: true })],
    });
    expect(findings).to.deep.equal([]);
    expect(notes.join()).to.include('"enabled" is false').and.include('"dryRun" is on');
  });

  it('reads only: no command that writes, no file that changes', async () => {
    const Album = await album();
    s.connection.model('Page', new Schema({ banner: String }));
    await s.uploads.put('a.png', 'b.html', 'thumbs/a.png');
    await insertRaw(Album, { image: 'a.png' }, { image: '/static/b.png' });
    const commands = watchCommands(s.connection);
    const before = await s.uploads.names();
    await doctor({ models: [Album] });
    const allowed = ['find', 'getMore', 'count', 'aggregate', 'listIndexes', 'killCursors', 'endSessions'];
    expect(commands.names().filter((name) => !allowed.includes(name))).to.deep.equal([]);
    expect(await s.uploads.names()).to.deep.equal(before);
    expect(s.events).to.deep.equal([]);
    expect(s.log).to.deep.equal([]);
  });

  describe('its own options', () => {
    it('wrong ones are refused, and say what is allowed and what to do', async () => {
      const Album = await album();
      const Plain = s.connection.model('Plain', new Schema({ x: String }));
      for (const [options, message] of [
        [undefined, 'the options are undefined; allowed: an object'],
        [{}, '"models"'],
        [{ models: [] }, '"models"'],
        [{ models: [Plain] }, '"Plain" has the plugin'],
        [{ models: [Album], sample: 0 }, '"sample" is 0; allowed: a whole number'],
        [{ models: [Album], ignore: [1] }, '"ignore"'],
        [{ models: [Album], signal: 1 }, '"signal"'],
        [{ models: [Album], onProgress: 1 }, '"onProgress"'],
        [{ models: [Album], samples: 5 }, 'unknown option "samples"; known: models, sample'],
      ] as const) {
        const thrown: unknown = await doctor(options as never).catch((error: unknown) => error);
        expect(thrown).to.be.instanceOf(TypeError);
        expect((thrown as Error).message).to.include(message);
      }
    });

    it('a signal ends it with its reason', async () => {
      const Album = await album();
      const controller = new AbortController();
      const reason = new Error('enough');
      const steps: string[] = [];
      const thrown: unknown = await doctor({
        models: [Album],
        signal: controller.signal,
        onProgress: (step) => {
          steps.push(step);
          if (step.startsWith('values')) controller.abort(reason);
        },
      }).catch((error: unknown) => error);
      expect(thrown).to.equal(reason);
      expect(steps.at(-1)).to.equal('values of Album.image');
    });

    it('a connection that is not open is an error that says so', async () => {
      const Album = await album();
      await s.connection.close();
      const thrown: unknown = await doctor({ models: [Album] }).catch((error: unknown) => error);
      expect((thrown as Error).message).to.include('"Album" is not open; connect first');
    });
  });
});
