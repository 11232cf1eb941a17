import { expect } from 'chai';
import fse from 'fs-extra';
import {
  cleanupFor,
  localProvider,
  type LocalProviderOptions,
  type StorageProvider,
} from '../../lib/index.js';
import { holdWrite, releaseHeldWrites } from '../support/held-writes.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';
import { startSession } from '../support/database.js';
import { itWith } from '../support/versions.js';

const thumbs = (name: string): string[] => [`thumbs/${name}`];

describe('derived files are protected', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'thumbs/a.png');
  });
  afterEach(releaseHeldWrites);
  afterEach(closeTestApps);

  function album(options: object = {}, derived: LocalProviderOptions['derived'] = thumbs): void {
    const provider = localProvider({ root: s.uploads.root, derived: derived! });
    Album = s.model('Album', { image: { type: String, index: true } }, { provider, ...options });
  }
  async function dropped(): Promise<string[]> {
    await Album.create({ image: 'a.png' });
    await Album.deleteOne({ image: 'a.png' });
    await cleanupFor(Album).idle();
    return s.events.map(({ outcome, reason, derivedFrom }) =>
      [derivedFrom ? 'derived' : 'original', outcome, reason].filter(Boolean).join(' '),
    );
  }
  const original = 'original removed';

  for (const [what, keep] of [
    ['a string', 'thumbs/a.png'],
    ['an expression', /\/thumbs\//],
    ['a function', (value: unknown) => value === '/uploads/thumbs/a.png'],
    ['the string of another original', 'b.png'],
  ] as const) {
    it(`by a keep rule: ${what}`, async () => {
      album({ keep }, (name) => [name === 'b.png' ? 'thumbs/a.png' : `thumbs/${name}`]);
      expect(await dropped()).to.deep.equal([original, 'derived kept protected']);
      expect(await s.uploads.has('thumbs/a.png')).to.equal(true);
    });
  }

  it('by the default of a field, and by one that makes them', async () => {
    s.model(
      'Other',
      { image: { type: String, default: 'b.png' } },
      {
        provider: localProvider({ root: s.uploads.root, derived: () => ['thumbs/a.png'] }),
      },
    );
    album();
    expect(await dropped()).to.deep.equal([original, 'derived kept protected']);
  });

  it('by the root: a folder that is a symbolic link leads nowhere', async () => {
    album({}, (name) => [`linked/${name}`]);
    await fse.outputFile(`${s.uploads.outside}/elsewhere/a.png`, 'a');
    await fse.symlink(`${s.uploads.outside}/elsewhere`, s.uploads.path('linked'));
    expect(await dropped()).to.deep.equal([original, 'derived kept unsafe']);
    expect(await fse.pathExists(`${s.uploads.outside}/elsewhere/a.png`)).to.equal(true);
  });

  it('a file that is written anew while the original goes stays', async () => {
    const local = localProvider({ root: s.uploads.root, derived: thumbs });
    const remove: StorageProvider['remove'] = async (assets, options) => {
      const outcomes = await local.remove(assets, options);
      if (assets.some(({ key }) => key.endsWith('/uploads/a.png'))) {
        await fse.remove(s.uploads.path('thumbs/a.png'));
        await fse.outputFile(s.uploads.path('thumbs/a.png'), 'another picture');
      }
      return outcomes;
    };
    album({ provider: Object.create(local, { remove: { value: remove } }) as StorageProvider });
    expect(await dropped()).to.deep.equal([original, 'derived kept changed']);
    expect(await s.uploads.has('thumbs/a.png')).to.equal(true);
  });

  it('by their own retries, and a failure for good is told of them', async () => {
    const local = localProvider({ root: s.uploads.root, derived: thumbs });
    let tries = 0;
    const remove: StorageProvider['remove'] = async (assets, options) => {
      if (!assets.some(({ key }) => key.endsWith('thumbs/a.png')) || ++tries > 2)
        return local.remove(assets, options);
      return assets.map(() => ({ outcome: 'failed', error: new Error('busy'), retryable: true }));
    };
    const provider = Object.create(local, { remove: { value: remove } }) as StorageProvider;
    album({ provider, retry: { minDelayMs: 1, maxDelayMs: 2 } });
    expect(await dropped()).to.deep.equal([original, 'derived removed']);
    expect(s.events[1]!.attempts).to.equal(3);
  });

  it('where the fingerprint cannot be read', async () => {
    const local = localProvider({ root: s.uploads.root, derived: thumbs });
    const fingerprint: StorageProvider['fingerprint'] = (asset) =>
      asset.key.includes('thumbs') ? Promise.reject(new Error('no look')) : local.fingerprint!(asset);
    album({ provider: Object.create(local, { fingerprint: { value: fingerprint } }) as StorageProvider });
    expect(await dropped()).to.deep.equal([original, 'derived kept unanswered']);
    expect(await s.uploads.has('thumbs/a.png')).to.equal(true);
  });

  it('by dryRun, which tells them as well', async () => {
    album({ dryRun: true });
    expect(await dropped()).to.deep.equal(['original kept dry run', 'derived kept dry run']);
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
  });

  itWith('transactions')('by a transaction: they go at its commit, and not where it is aborted', async () => {
    album();
    await Album.create({ image: 'a.png' });
    const session = await startSession(s.connection);
    session.startTransaction();
    await Album.deleteOne({ image: 'a.png' }, { session });
    await session.abortTransaction();
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
    await session.withTransaction(() => Album.deleteOne({ image: 'a.png' }, { session }));
    await cleanupFor(Album).idle();
    expect(await s.uploads.names()).to.deep.equal([]);
  });

  it('by a function in references that uses another original, which only the storage knows', async () => {
    const asked: string[] = [];
    const uses = (assets: readonly { key: string }[]): boolean[] =>
      assets.map(({ key }) => {
        asked.push(key.replace(`${s.uploads.root}/`, ''));
        return key.endsWith('a.jpg');
      });
    album({ references: [uses] }, (name) => [`thumbs/${name.replace(/\.\w+$/, '.png')}`]);
    await s.uploads.put('a.jpg');
    expect(await dropped()).to.deep.equal([original, 'derived kept still used']);
    expect(asked).to.include('a.jpg');
    await s.uploads.put('c.png', 'thumbs/c.png');
    await Album.create({ image: 'c.png' });
    await Album.deleteOne({ image: 'c.png' });
    expect(await s.uploads.names()).to.deep.equal(['a.jpg', 'thumbs/a.png']);
  });

  it('by a model whose provider alone makes them', async () => {
    const Other = s.model(
      'Other',
      { image: String },
      {
        provider: localProvider({ root: s.uploads.root, derived: thumbs }),
      },
    );
    Album = s.model('Album', { image: { type: String, index: true } });
    await Other.create({ image: 'a.png' });
    await Album.create({ image: 'thumbs/a.png' });
    await Album.deleteOne({});
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
  });

  it('by a write of this process that is about to store an original of them', async () => {
    album({}, (name) => [`thumbs/${name.replace(/\.\w+$/, '.png')}`]);
    await s.uploads.put('a.jpg');
    await Album.create({ image: 'a.png' });
    const held = holdWrite('insertOne', 'a.jpg', 'before');
    const slow = Album.create({ image: 'a.jpg' });
    await held.isReached;
    await Album.deleteOne({ image: 'a.png' });
    expect(await s.uploads.names()).to.deep.equal(['a.jpg', 'thumbs/a.png']);
    held.release();
    await slow;
    await cleanupFor(Album).idle();
    expect(await s.uploads.names()).to.deep.equal(['a.jpg', 'thumbs/a.png']);
  });

  describe('where "derived"', () => {
    let calls = 0;
    const wrong: [string, LocalProviderOptions['derived'], string][] = [
      [
        'throws',
        () => {
          throw new Error('oh no');
        },
        'oh no',
      ],
      ['is not pure', (name) => [`thumbs/${name}`, `${String(calls++)}.png`], 'pure'],
      ['answers with the original', (name) => [`thumbs/${name}`, name], 'the file itself'],
      ['answers outside of the root', (name) => [`thumbs/${name}`, `../${name}`], 'outside'],
      ['answers with an absolute path', (name) => [`thumbs/${name}`, s.uploads.path(name)], 'outside'],
      ['answers with a number', (name) => [`thumbs/${name}`, 1 as never], 'array'],
      ['answers with a string', (name) => `thumbs/${name}` as never, 'array'],
      ['answers with nothing', () => undefined as never, 'undefined'],
      ['is async', (name) => Promise.resolve([`thumbs/${name}`]) as never, 'promise'],
      ['is async and rejects', () => Promise.reject(new Error('later')) as never, 'promise'],
      [
        'names thousands',
        (name) => Array.from({ length: 2000 }, (_, at) => `thumbs/${at ? String(at) : name}`),
        '2000',
      ],
    ];
    for (const [what, derived, why] of wrong) {
      it(`${what}: what is made stays, which is told once`, async () => {
        album({}, derived);
        await s.uploads.put('b.png', 'thumbs/b.png');
        await Album.create([{ image: 'a.png' }, { image: 'b.png' }]);
        await Album.deleteMany({});
        await cleanupFor(Album).idle();
        expect(await s.uploads.names()).to.deep.equal(['thumbs/a.png', 'thumbs/b.png']);
        expect(s.log.filter((line) => line.includes('derived files are kept'))).to.have.length(1);
        expect(s.log.join()).to.include(why);
      });
    }

    it('throws for a file in use: nothing of the storage goes, since nobody knows what is made from that', async () => {
      album({}, (name) => {
        if (name === 'b') throw new Error('oh no');
        return [`thumbs/${name}`];
      });
      await Album.create({ image: 'b' });
      expect(await dropped()).to.deep.equal(['original kept unanswered']);
      expect(s.events[0]!.error!.message).to.include('oh no');
      expect(await s.uploads.names()).to.deep.equal(['a.png', 'thumbs/a.png']);
    });

    it('is no function: it is refused', () => {
      expect(() => localProvider({ derived: ['thumbs'] as never })).to.throw(
        TypeError,
        /"derived".*a function/,
      );
    });
  });
});
