import { expect } from 'chai';
import fc from 'fast-check';
import { readSpelling, spellingsOf, type Folder } from '../../lib/providers/local/spelling.js';

const posix: Folder = {
  root: '/srv/app/uploads',
  basePath: '/uploads',
  hosts: ['img.example', 'localhost:3000'],
  fromHere: 'uploads',
  isWindows: false,
};
const windows: Folder = { ...posix, root: 'C:\\app\\uploads', isWindows: true };

describe('spellings of a file on Windows', () => {
  for (const value of [
    'x.png',
    '.\\x.png',
    'uploads\\x.png',
    'uploads/x.png',
    '.\\uploads\\x.png',
    'C:\\app\\uploads\\x.png',
    'C:/app/uploads/x.png',
    '/uploads/x.png',
    'https://img.example/uploads/x.png?v=1',
  ]) {
    it(`${value} is x.png`, () => {
      expect(readSpelling(value, windows)).to.deep.equal({ relative: 'x.png' });
    });
  }

  for (const [value, refusal] of Object.entries({
    'C:\\Windows\\win.ini': 'unsafe',
    'C:x.png': 'unsafe',
    'D:\\x.png': 'unsafe',
    'D:/app/uploads/x.png': 'unsafe',
    '\\x.png': 'unsafe',
    '/x.png': 'unsafe',
    '\\\\srv\\share\\x.png': null,
    '//srv/share/x.png': null,
    '\\\\?\\C:\\app\\uploads\\x.png': null,
    'x.png:stream': null,
    'x.png::$DATA': null,
    'x.png.': 'unsafe',
    'x.png ': 'unsafe',
    'sub./x.png': 'unsafe',
    '/uploads/x.png:stream': 'unsafe',
    'sub\\x.png::$DATA': 'unsafe',
    NUL: 'unsafe',
    'con.png': 'unsafe',
    'sub\\COM1': 'unsafe',
    'LPT1.txt': 'unsafe',
    '..\\x.png': 'unsafe',
    'sub\\..\\..\\x.png': 'unsafe',
    'uploads\\..\\x.png': 'unsafe',
    'C:\\app\\uploads\\..\\x.png': 'unsafe',
    'C:\\app\\uploads-private\\x.png': 'unsafe',
    'C:\\app\\uploads': 'unsafe',
    '/uploads/C:/x.png': 'unsafe',
    '/uploads/..%5cx.png': 'not canonical',
    '/uploads/NUL': 'unsafe',
    'sub\\\\x.png': 'not canonical',
    '.\\.\\x.png': 'not canonical',
  })) {
    it(`${JSON.stringify(value)} is refused: ${String(refusal ?? 'not ours')}`, () => {
      expect(readSpelling(value, windows)).to.deep.equal(refusal === null ? null : { refusal });
    });
  }
});

describe('spellings of a file', () => {
  for (const value of [null, undefined, 7, {}, [], ['a.png'], true, '', Symbol('a'), new Date(0), NaN]) {
    it(`${String(typeof value === 'object' ? JSON.stringify(value) : String(value))} is none`, () => {
      expect(readSpelling(value, posix)).to.equal(null);
    });
  }

  for (const folder of [posix, windows]) {
    const system = folder.isWindows ? 'Windows' : 'POSIX';

    it(`every form of a file is read back as that file (${system})`, () => {
      fc.assert(
        fc.property(
          fc.array(fc.string({ unit: 'grapheme', minLength: 1 }), { minLength: 1, maxLength: 3 }),
          (names) => {
            const read = readSpelling(names.join('/'), folder);
            fc.pre(read !== null && 'relative' in read);
            if (read === null || !('relative' in read)) return;
            for (const form of spellingsOf(read.relative, folder).equal) {
              expect(readSpelling(form, folder), form).to.deep.equal(read);
            }
          },
        ),
        { seed: 1, numRuns: 2000 },
      );
    });

    it(`whatever is read as a file is among its forms, so that the question finds it (${system})`, () => {
      const piece = fc.constantFrom(
        ...[
          'a',
          'b.png',
          '..',
          '.',
          '/',
          '\\',
          '%2e',
          '%2F',
          '%5c',
          '%25',
          '%',
          ' ',
          '?',
          '#',
          ':',
          'C:',
          '\0',
          'ü',
        ],
        ...[
          'uploads',
          '/uploads/',
          'https://img.example',
          '/srv/app/uploads/',
          'C:\\app\\uploads\\',
          'http:',
          '//',
        ],
      );
      fc.assert(
        fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
          const value = pieces.join('');
          const read = readSpelling(value, folder);
          if (read === null || !('relative' in read)) return;
          const { equal, prefixes } = spellingsOf(read.relative, folder);
          const isAsked = equal.includes(value) || prefixes.some((prefix) => value.startsWith(prefix));
          expect(isAsked, value).to.equal(true);
          expect(read.relative.split('/'), value).to.not.include.members(['..']);
          expect(read.relative, value).to.not.match(/^\/|^$|\0/);
        }),
        { seed: 2, numRuns: 20_000 },
      );
    });
  }

  it('a lone surrogate throws nothing', () => {
    expect(() => readSpelling('\ud800.png', posix)).to.not.throw();
    expect(() => spellingsOf('\ud800.png', posix)).to.not.throw();
  });
});
