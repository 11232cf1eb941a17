import { expect } from 'chai';
import {
  localProvider,
  sweep,
  type LocalProviderOptions,
  type SweepOptions,
  type SweepReport,
} from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

const thumbs = (name: string): string[] => [`thumbs/${name}`, name.replace(/\.\w+$/, '.webp')];

describe('a sweep of a storage with derived files', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'thumbs/a.png', 'a.webp', 'b.png', 'thumbs/b.png');
  });
  afterEach(closeTestApps);

  function album(derived: LocalProviderOptions['derived'] = thumbs, options: object = {}): void {
    const provider = localProvider({ root: s.uploads.root, derived: derived! });
    Album = s.model('Album', { image: String, other: String, text: String }, { provider, ...options });
  }
  const sweepAll = (options: Partial<SweepOptions> = {}): Promise<SweepReport> =>
    sweep({ models: [Album], olderThan: 0, remove: true, maxShare: 1, ...options });
  const names = ({ files }: SweepReport): string[] => files.map(({ name }) => name).sort();

  it('takes those of a used original for used, and those of a gone one for orphans (brando#219)', async () => {
    album();
    await s.uploads.put('thumbs/gone.png', 'gone.webp');
    await Album.create([{ image: 'a.png' }, { image: '/uploads/b.png' }]);
    const report = await sweepAll();
    expect(names(report)).to.deep.equal(['gone.webp', 'thumbs/gone.png']);
    expect(report.status).to.equal('removed');
    expect(report.counts).to.include({ listed: 7, used: 5, orphans: 2, removed: 2 });
    expect(await s.uploads.names()).to.deep.equal([
      'a.png',
      'a.webp',
      'b.png',
      'thumbs/a.png',
      'thumbs/b.png',
    ]);
  });

  it('removes an orphan and what is made from it', async () => {
    album();
    await s.uploads.put('old.png', 'thumbs/old.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    expect(names(await sweepAll())).to.deep.equal(['old.png', 'thumbs/old.png']);
    expect(await s.uploads.has('thumbs/old.png')).to.equal(false);
  });

  it('keeps what is made from files of which none is stored, while a document names them', async () => {
    album();
    await s.uploads.put('thumbs/lost.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }, { image: 'lost.png' }]);
    expect((await sweepAll()).status).to.equal('clean');
  });

  it('keeps what is made from files that stay for another reason: excluded, protected, mentioned, used elsewhere', async () => {
    album(thumbs, { keep: '/uploads/kept.png', references: [elsewhere] });
    const all = ['excluded.png', 'kept.png', 'mentioned.png', 'elsewhere.png'];
    const made = all.flatMap(thumbs);
    await s.uploads.put(...all, ...made);
    await Album.create([{ image: 'a.png' }, { image: 'b.png', text: 'see mentioned.png' }]);
    const report = await sweepAll({ exclude: ['excluded.png'] });
    expect(report.refusals).to.deep.equal([]);
    expect(names(report)).to.deep.equal([]);
    expect(await s.uploads.names()).to.include.members(made);
  });
  const elsewhere = (assets: readonly { key: string }[]): boolean[] =>
    assets.map(({ key }) => key.endsWith('/uploads/elsewhere.png'));

  it('keeps what is made from an original that could not be removed', async () => {
    const local = localProvider({ root: s.uploads.root, derived: thumbs });
    const remove: typeof local.remove = async (assets, options) => {
      const fine = assets.filter(({ key }) => !key.endsWith('/uploads/old.png'));
      const outcomes = [...(await local.remove(fine, options))];
      const failed = { outcome: 'failed', error: new Error('no'), retryable: false } as const;
      return assets.map((one) => (fine.includes(one) ? outcomes.shift()! : failed));
    };
    album(thumbs, { provider: Object.create(local, { remove: { value: remove } }) as typeof local });
    await s.uploads.put('old.png', 'thumbs/old.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    const { files } = await sweepAll();
    expect(files.map(({ name, outcome, reason }) => [name, outcome, reason])).to.deep.equal([
      ['old.png', 'failed', undefined],
      ['thumbs/old.png', 'kept', 'still used'],
    ]);
    expect(await s.uploads.names()).to.include.members(['old.png', 'thumbs/old.png']);
  });

  it('knows originals outside of the folder that is swept', async () => {
    album(thumbs, { keep: '/uploads/kept.png' });
    await s.uploads.put('kept.png', 'thumbs/kept.png', 'thumbs/gone.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }, { image: 'thumbs/used.png' }]);
    await s.uploads.put('thumbs/used.png');
    expect(names(await sweepAll({ prefix: 'thumbs' }))).to.deep.equal(['thumbs/gone.png']);
  });

  it('refuses while it is not known what is made from a file', async () => {
    album((name) => {
      if (name === 'b.png') throw new Error('no idea of b');
      return thumbs(name);
    });
    await s.uploads.put('thumbs/gone.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    const report = await sweepAll();
    expect(report.status).to.equal('refused');
    expect(report.refusals.map(({ reason }) => reason)).to.include('unanswered-references');
    expect(report.refusals.map(({ message }) => message).join()).to.include('no idea of b');
    expect(await s.uploads.has('thumbs/gone.png')).to.equal(true);
  });

  it('never takes the thumbnails of used files for a folder of no uploads (directus#17477)', async () => {
    album();
    await s.uploads.put('old.png', 'thumbs/old.png');
    await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
    const report = await sweepAll({ maxShare: 0.5 });
    expect(report.refusals).to.deep.equal([]);
  });

  it('does not count as a use by a document: where nothing is used, it refuses', async () => {
    album();
    expect((await sweepAll()).refusals.map(({ reason }) => reason)).to.include('no-references');
  });
});
