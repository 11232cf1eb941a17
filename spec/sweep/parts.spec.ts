import { expect } from 'chai';
import fc from 'fast-check';
import { ProgressDisplay } from '../../lib/cli/progress.js';
import { localProvider } from '../../lib/index.js';
import { bytes, duration, oneLine } from '../../lib/cli/numbers.js';
import { milliseconds } from '../../lib/shared/duration.js';
import { KeyTable } from '../../lib/sweep/key-table.js';
import { PackedAssets } from '../../lib/sweep/packed-assets.js';
import { matcherOf } from '../../lib/sweep/patterns.js';
import { holds } from '../support/random.js';

describe('the parts of a sweep', () => {
  it('a table of keys knows what was added and what was marked, through all growth', () => {
    const table = new KeyTable();
    for (let i = 0; i < 20_000; i++) {
      table.add(`key ${String(i)}`);
      if (i % 3 === 0) table.mark(`key ${String(i)}`);
      if (i % 5 === 0) table.add(`key ${String(i)}`);
    }
    expect([table.size, table.marked]).to.deep.equal([20_000, 6667]);
    for (let i = 0; i < 20_000; i++) {
      expect(table.has(`key ${String(i)}`)).to.equal(true);
      expect(table.isMarked(`key ${String(i)}`)).to.equal(i % 3 === 0);
    }
    expect([table.has('other'), table.mark('other'), table.isMarked('other')]).to.deep.equal([
      false,
      false,
      false,
    ]);
  });

  it('packed assets come out as they went in, in any script and over many chunks', () => {
    const key = fc.string({ unit: 'grapheme', maxLength: 60 });
    const details = fc.option(fc.record({ size: fc.nat(), modifiedAt: fc.date({ noInvalidDate: true }) }), {
      nil: undefined,
    });
    fc.assert(
      fc.property(fc.array(fc.record({ key, details })), (assets) => {
        const packed = new PackedAssets();
        for (const one of assets) packed.add(one.key, one.details);
        expect([...packed]).to.deep.equal(assets);
      }),
    );
    const many = Array.from(
      { length: 12_000 },
      (_, i) => `/srv/uploads/2024/😀${'x'.repeat(i % 90)}${String(i)}.png`,
    );
    const packed = new PackedAssets();
    for (const one of many) packed.add(one);
    expect([...packed].map((one) => one.key)).to.deep.equal(many);
    expect(packed.length).to.equal(many.length);
  });

  it('a local value is identified only in a form that the question asks for', () => {
    const provider = localProvider({ root: 'files/uploads' });
    const part = fc.constantFrom(
      '/',
      './',
      '../',
      'uploads',
      'files',
      'a.png',
      'b-c',
      '~',
      '.',
      '//',
      process.cwd(),
    );
    holds(
      fc.array(part, { minLength: 1, maxLength: 7 }),
      (parts) => {
        const asset = provider.identify(parts.join(''));
        if (asset) expect(provider.forms(asset).equal).to.include(parts.join(''));
      },
      1000,
    );
  });

  it('globs stay within a name, ** goes through folders', () => {
    const matching = (glob: string, ...names: string[]): string[] => names.filter(matcherOf([glob]));
    expect(matching('*.png', 'a.png', 'd/a.png', 'a.pngx')).to.deep.equal(['a.png']);
    expect(matching('**/*.png', 'a.png', 'd/e/a.png', 'a.gif')).to.deep.equal(['a.png', 'd/e/a.png']);
    expect(matching('d/**', 'd/a', 'd/e/f', 'dd/a')).to.deep.equal(['d/a', 'd/e/f']);
    expect(matching('/d/', 'd/a', 'd', 'e/d/a')).to.deep.equal(['d/a', 'd']);
    expect(matching('a+(b).[c]', 'a+(b).[c]', 'aab.c')).to.deep.equal(['a+(b).[c]']);
  });

  it('times and sizes are read and written as people do', () => {
    expect(['24h', '90m', '1.5d', '0s', '2w', 5].map((one) => milliseconds('sweep', 'x', one))).to.deep.equal(
      [86_400_000, 5_400_000, 129_600_000, 0, 1_209_600_000, 5],
    );
    for (const wrong of ['', '24', 'h', '-1h', '1 year', null, NaN, Infinity, -5]) {
      expect(() => milliseconds('sweep', 'x', wrong), String(wrong)).to.throw(TypeError, /"x"/);
    }
    expect([0, 999, 1000, 12_345_678].map(bytes)).to.deep.equal([
      '0 bytes',
      '999 bytes',
      '1.0 kB',
      '12.3 MB',
    ]);
    expect([850, 12_000, 200_000, 7_500_000].map(duration)).to.deep.equal([
      '850 ms',
      '12 s',
      '3 min 20 s',
      '2 h 05 min',
    ]);
    expect(oneLine('a\u001b[2Jb')).to.equal('"a\\u001b[2Jb"');
  });

  it('progress is cut to the width of the terminal, and to 80 where that is not known', () => {
    const what = 'shop.'.padEnd(100, 's');
    const lengthAt = (columns: number | undefined): number => {
      let text = '';
      const screen = {
        isTTY: true,
        ...(columns !== undefined && { columns }),
        write: (part: string) => (text += part),
      };
      new ProgressDisplay(screen).show({ stage: 'references', what, done: 0, total: 1000 });
      return text.replace('\r\u001b[2K', '').length;
    };
    expect([40, 0, undefined].map(lengthAt)).to.deep.equal([39, 79, 79]);
  });

  it('progress is a bar with rate and remaining time on a terminal, and a plain line now and then elsewhere', () => {
    const shown = (isTTY: boolean): string => {
      let [text, now] = ['', 0];
      const display = new ProgressDisplay(
        { isTTY, columns: 100, write: (part) => (text += part) },
        () => now,
      );
      for (const done of [0, 250, 500]) {
        display.show({ stage: 'references', what: 'shop.users', done, total: 1000 });
        now += 6000;
      }
      display.clear();
      return text;
    };
    expect(shown(true).split('\r\u001b[2K')).to.deep.equal([
      '',
      'Reading shop.users ░░░░░░░░░░░░░░░░░░░░░░░░ 0 % of 1,000 documents',
      'Reading shop.users ██████░░░░░░░░░░░░░░░░░░ 25 % of 1,000 documents, 42/s, 18 s left',
      'Reading shop.users ████████████░░░░░░░░░░░░ 50 % of 1,000 documents, 42/s, 12 s left',
      '',
    ]);
    expect(shown(false)).to.equal(
      'Reading shop.users ████████████░░░░░░░░░░░░ 50 % of 1,000 documents, 42/s, 12 s left\n',
    );
  });
});
