import { expect } from 'chai';
import { cleanupFor, type ImageCleanupOptions, type JournalQuery } from '../../lib/index.js';
import { captureConsole } from '../support/console.js';
import { connect } from '../support/database.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

/** What somebody gets wrong with a journal who has read docs/durable.md once, and by which words they learn of it. */
describe('mistakes with a journal', () => {
  let s: TestApp;
  let Album: AnyDocumentModel;
  const definition = { image: { type: String, index: true } };
  beforeEach(async () => {
    s = await testApp();
    Album = s.model('Album', definition, { journal: true, gracePeriod: '7d' });
    await s.uploads.put('a.png');
  });
  afterEach(closeTestApps);

  async function refused(act: () => unknown): Promise<Error> {
    try {
      await act();
    } catch (thrown) {
      expect(thrown).to.be.instanceOf(TypeError);
      return thrown as Error;
    }
    throw new Error('nothing was refused');
  }

  describe('in the options', () => {
    const mistakes: [object, string][] = [
      [{ journal: true, keepSettled: '90d' }, "belongs elsewhere; write journal: { keepSettled: '90d' }"],
      [{ journal: true, machine: 'web-1' }, 'write provider: localProvider({ machine })'],
      [{ journal: { gracePeriod: '7d' } }, "write gracePeriod: '7d' beside journal"],
      [{ jurnal: true }, 'write "journal"'],
      [{ journal: true, gracPeriod: '7d' }, 'write "gracePeriod"'],
      [{ journal: true, gracexPeriod: '7d' }, 'write "gracePeriod"'],
      [{ journal: true, gracePeroid: '7d' }, 'write "gracePeriod"'],
      [{ journal: true, gracePeriod: '7' }, 'units ms, s, m, h, d, w'],
      [{ journal: true, gracePeriod: 7 }, 'is 7, a number of milliseconds below one second'],
      [{ journal: { keepSettled: 90 } }, "write the unit: '90d'"],
    ];
    for (const [options, told] of mistakes) {
      it(JSON.stringify(options), async () => {
        const error = await refused(() => s.model('Bad', definition, options as ImageCleanupOptions));
        expect(error.message).to.include(told);
      });
    }

    it('a number of at least a second, and less than one with its unit, are taken', () => {
      s.model('Seconds', definition, { journal: true, gracePeriod: 1000 });
      s.model('Parts', definition, { journal: true, gracePeriod: '7ms' });
    });
  });

  describe('removeUnused: an upload that waits for its document is not lost', () => {
    const mistakes: [string, object | null, string][] = [
      ['after, misspelt', { afer: '1h' }, 'unknown option "afer"; known: session, after; write "after"'],
      ['after from an unset variable', { after: undefined }, '"after" is given but undefined; give a time'],
      ['after in minutes', { after: 60 }, "write the unit: '60d', '60m'"],
      ['options that are null', null, 'the options are null'],
    ];
    for (const [name, options, told] of mistakes) {
      it(name, async () => {
        const hand = () => cleanupFor(Album).removeUnused(['/uploads/a.png'], options as object);
        expect((await refused(hand)).message).to.include(told);
        await cleanupFor(Album).idle();
        expect(await s.uploads.names()).to.deep.equal(['a.png']);
      });
    }
  });

  it('an erasure whose option is misspelt is refused, not put off for seven days', async () => {
    const { _id } = await Album.create({ image: '/uploads/a.png' });
    const imageCleanup = { graceperiod: 0 };
    const erase = () => Album.deleteOne({ _id }, { imageCleanup } as object);
    expect((await refused(erase)).message).to.include('unknown option of this call "graceperiod"');
    expect(await Album.countDocuments()).to.equal(1);
  });

  describe('a query by an id that is undefined is refused, and does not mean every document', () => {
    const journal = () => cleanupFor(Album).journal;
    const acts: Record<string, (query: JournalQuery) => unknown> = {
      files: (query) => journal().files(query),
      counts: (query) => journal().counts(query),
      retry: (query) => journal().retry(query),
    };
    for (const [name, act] of Object.entries(acts)) {
      for (const query of [{ documentId: undefined }, { intentId: undefined }]) {
        it(`${name}, ${Object.keys(query).join('')}`, async () => {
          const { message } = await refused(() => act(query as JournalQuery));
          expect(message).to.include('is given but undefined; give an id');
        });
      }
    }
  });

  describe('a worker where no model has a journal says so', () => {
    const told =
      'no model in this process has the option "journal", so nothing can be removed; load the models';

    it('runDue(), in the log', async () => {
      const plain = await testApp();
      plain.model('Plain', definition);
      expect(await cleanupFor(plain.connection).runDue()).to.deep.equal({ delivered: 0, left: 0 });
      expect(plain.log.join()).to.include(`runDue: ${told}`);
    });

    it('work(), once, on the console where there are no models at all', async () => {
      const connection = await connect();
      const lines = await captureConsole(async () => {
        let looks = 0;
        let stop = (): unknown => undefined;
        await new Promise<void>((resolve) => {
          const onLook = (): void => {
            if (++looks === 2) resolve();
          };
          const worker = cleanupFor(connection).work({ every: 100, onLook });
          stop = () => worker.stop();
        });
        await stop();
      });
      expect(lines.filter((line) => line.includes(`work: ${told}`))).to.have.length(1);
    });

    it('nothing is said where there is one', async () => {
      await cleanupFor(Album).runDue();
      expect(s.log.join()).not.to.include('no model in this process');
    });
  });
});
