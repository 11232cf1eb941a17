import { expect } from 'chai';
import fc from 'fast-check';
import { rulesOf, type Folder } from '../../../lib/providers/local/folder.js';
import { formsOf } from '../../../lib/providers/local/forms.js';
import { namesIn, readValue } from '../../../lib/providers/local/reading.js';
import { holds } from '../../support/random.js';
import { aFileName } from './file-names.js';

const folder: Folder = {
  root: '/srv/app/uploads',
  realRoot: '/data/app/uploads',
  basePath: '/uploads',
  hosts: ['img.example', 'localhost:3000'],
  fromHere: 'uploads',
  isWindows: false,
};
const posix = rulesOf(folder);
const windows = rulesOf({
  ...folder,
  root: 'C:\\app\\uploads',
  realRoot: 'C:\\app\\uploads',
  isWindows: true,
});

describe('values that name a file of a folder', () => {
  for (const value of [
    ...['a.png', './a.png', 'uploads/a.png', './uploads/a.png', 'uploads\\a.png'],
    ...['/srv/app/uploads/a.png', '/data/app/uploads/a.png'],
    ...['/uploads/a.png', '/uploads//a.png', 'uploads//a.png', '/uploads/a.png?v=1', '/uploads//a.png#top'],
    ...[
      'https://img.example/uploads/a.png',
      'http://img.example/uploads//a.png',
      '//img.example/uploads/a.png',
    ],
    ...[
      'img.example/uploads/a.png',
      'localhost:3000/uploads/a.png',
      'http://localhost:3000/uploads/a.png?v=1',
    ],
  ]) {
    it(`${value} is a.png`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: 'a.png', refusal: null });
      expect(namesIn(value, posix)[0]).to.equal('a.png');
    });
  }

  const name = "2024/é (1) [x]'s.png";
  for (const written of [
    ...[
      name,
      encodeURI(name),
      encodeURIComponent(name),
      encodeURIComponent(name).replace(/%../g, (one) => one.toLowerCase()),
    ],
    ...[
      name.split('/').map(encodeURIComponent).join('/'),
      encodeURI(name).replace(/%../g, (one) => one.toLowerCase()),
    ],
    new URL(`http://x/${name}`).pathname.slice(1),
    '2024/%C3%A9%20%281%29%20%5Bx%5D%27s.png',
  ]) {
    it(`/uploads/${written} is ${name}`, () => {
      expect(readValue(`/uploads/${written}`, posix).name).to.equal(name);
      expect(formsOf(name, posix).equal).to.include(`https://img.example/uploads/${written}`);
    });
  }

  for (const [value, expected] of Object.entries({
    ...{
      'a.png\n': 'a.png',
      ' a.png': 'a.png',
      'a.png/': 'a.png',
      '/uploads/a.png/': 'a.png',
      '\ta.png ': 'a.png',
    },
    ...{
      'sub/../a.png': 'a.png',
      '/uploads/sub/../a.png': 'a.png',
      'sub//b.png': 'sub/b.png',
      'uploads/./a.png': 'a.png',
    },
    ...{
      '/uploads/./sub/%2e%2e/a.png': 'a.png',
      '/other/../uploads/a.png': 'a.png',
      '/uploads///a.png': 'a.png',
    },
    ...{ '/uploads/%61.png': 'a.png', '/uploads/sub%5Cb.png': 'sub\\b.png', '\\uploads\\a.png': 'a.png' },
    ...{ 'HTTP://img.example/uploads/a.png': 'a.png', 'https://IMG.example/uploads/a.png': 'a.png' },
    ...{ '/UPLOADS/a.png': 'a.png', 'https://img.example:443/uploads/a.png': 'a.png' },
    ...{
      'https://me:pw@img.example/uploads/a.png': 'a.png',
      'http:\\\\img.example\\uploads\\a.png': 'a.png',
    },
    ...{ '/uploads/half%20 escaped.png': 'half  escaped.png', '/uploads/a\n.png': 'a.png' },
  })) {
    it(`${JSON.stringify(value)} is no form, yet could mean ${expected}`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: null, refusal: 'not canonical' });
      expect(namesIn(value, posix)[0]).to.equal(expected);
    });
  }

  for (const [value, names] of Object.entries({
    'HTTP://img.example/uploads/a?1.png#top': ['a', 'a?1.png'],
    'https://IMG.EXAMPLE/uploads/a#1.png': ['a', 'a#1.png'],
    '/uploads/sub/../a#1.png?v=2': ['a', 'a#1.png'],
    '/UPLOADS/50%20off.png?v=2': ['50 off.png', '50%20off.png'],
    'HTTPS://img.example/uploads/./50%20off.png': ['50 off.png', '50%20off.png'],
  })) {
    it(`${value} is no form, yet could mean ${names.join(' or ')}`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: null, refusal: 'not canonical' });
      expect(namesIn(value, posix)).to.include.members(names);
      expect(namesIn(value, posix)[0]).to.equal(names[0]);
    });
  }

  it('what stands before a bare text keeps the blanks at its beginning', () => {
    expect(namesIn(' a.png\n', posix)).to.include.members(['a.png', ' a.png']);
  });

  it('a name with a line break is no certain file, and yet one that is used', () => {
    const name = 'new\nline.png';
    for (const value of [name, '/uploads/new%0Aline.png', `/uploads/${name}`]) {
      expect(readValue(value, posix), value).to.deep.equal({ name: null, refusal: 'not canonical' });
      expect(namesIn(value, posix), value).to.include(name);
      expect(isAsked(value, name), value).to.equal(true);
    }
  });

  for (const [value, names] of Object.entries({
    '/uploads/a#1.png': ['a', 'a#1.png'],
    '/uploads/a?1.png': ['a', 'a?1.png'],
    'a#1.png': ['a#1.png', 'a'],
    'a%20b.png': ['a%20b.png', 'a b.png'],
    '/uploads/50%20off.png': ['50 off.png', '50%20off.png'],
    'https://img.example/uploads/a#1.png': ['a', 'a#1.png'],
    'uploads/a%20b.png': ['a%20b.png', 'a b.png', 'uploads/a%20b.png', 'uploads/a b.png'],
    'uploads/a.png': ['a.png', 'uploads/a.png'],
    'a.png?v=1': ['a.png?v=1', 'a.png'],
    'sub\\b.png': ['sub/b.png', 'sub\\b.png'],
  })) {
    it(`${value} could mean ${names.join(' or ')}`, () => {
      expect(namesIn(value, posix)).to.deep.equal(names);
      expect(readValue(value, posix).name).to.equal(names[0]);
      for (const one of names) expect(isAsked(value, one), one).to.equal(true);
    });
  }

  for (const value of [
    ...[
      '..',
      '.',
      './',
      '../a.png',
      'sub/../../a.png',
      '/uploads/../a.png',
      '/uploads/..%2fa.png',
      '/uploads/',
    ],
    ...[
      '/uploads',
      '/srv/app/uploads',
      '/srv/app/uploads/../a.png',
      'https://img.example/uploads/%2e%2e/a.png',
    ],
    ...['a.png\0.jpg', '/uploads/a%00.png', 'C:\\a.png', 'C:a.png', 'uploads/..', '..\\a.png'],
  ]) {
    it(`${JSON.stringify(value)} leads out of the folder, or to no file: unsafe`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: null, refusal: 'unsafe' });
      // a file may well be called `..%2fa.png` or `C:a.png`
      for (const name of namesIn(value, posix)) expect(name).to.match(/^\.\.(%|\\)|^a%00|^%2e%2e|^C:/);
    });
  }

  const base64 = Buffer.alloc(300, 'a').toString('base64');
  for (const value of [
    ...[
      '',
      '/',
      '/static/a.png',
      '/a.png',
      '/etc/passwd',
      '//other.example/uploads/a.png',
      '/uploads-old/a.png',
    ],
    ...['https://img.example/static/a.png', 'https://img.example', 'https://other.example/uploads/a.png'],
    ...['https://img.example@other.example/uploads/a.png', 'https://img.example.other.example/uploads/a.png'],
    ...['data:image/png;base64,AA==', 'javascript:alert(1)', 'file:///srv/app/uploads/a.png', 'http://['],
    ...[base64, `/uploads/${base64}`, 'ü'.repeat(128), 'x/'.repeat(2100), 'x'.repeat(1e7)],
    ...[null, undefined, 7, {}, [], ['a.png'], true, Symbol('a'), new Date(0), NaN, Buffer.from('a.png')],
  ]) {
    const shown = typeof value === 'string' ? JSON.stringify(value.slice(0, 60)) : String(value);
    it(`${shown} is not ours`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: null, refusal: null });
      expect(namesIn(value, posix)).to.deep.equal([]);
    });
  }

  it('a query of any length belongs to no name', () => {
    const value = `/uploads/a.png?${'x'.repeat(10_000)}`;
    expect(readValue(value, posix).name).to.equal('a.png');
    expect(namesIn(value, posix)).to.deep.equal(['a.png']);
    expect(readValue({ url: value }, posix)).to.deep.equal({ name: null, refusal: 'not canonical' });
    for (const path of [`a.png?${'x'.repeat(5000)}`, `/srv/app/uploads/a.png#${'x'.repeat(5000)}`])
      expect(readValue(path, posix).name, path.slice(0, 30)).to.equal(null);
  });

  it('a longer path than there can be is cut nowhere', () => {
    for (const rules of [posix, windows])
      for (const value of [
        'abc/'.repeat(2000),
        `uploads/${'abc/'.repeat(1020)}de.png`,
        `uploads/${'abc/'.repeat(1030)}de.png`,
      ])
        expect(readValue(value, rules).name?.length ?? value.length - 8, value.slice(0, 10)).to.be.at.least(
          value.length - 8,
        );
  });

  it('files served from / are named without a base', () => {
    const rules = rulesOf({ ...folder, basePath: '' });
    for (const value of ['/a.png', 'a.png', 'https://img.example/a.png', '//img.example//a.png'])
      expect(readValue(value, rules).name, value).to.equal('a.png');
    expect(readValue('//a.png', rules)).to.deep.equal({ name: null, refusal: 'not canonical' });
  });

  it('a folder served under its own path: the address comes first', () => {
    const rules = rulesOf({ ...folder, root: '/uploads', realRoot: '/uploads', fromHere: null });
    expect(namesIn('/uploads/a%20b.png', rules)).to.deep.equal(['a b.png', 'a%20b.png']);
    expect(readValue('/uploads/a.png?v=1', rules).name).to.equal('a.png');
  });
});

describe('values that name a file of a folder on Windows', () => {
  for (const value of [
    ...[
      'x.png',
      '.\\x.png',
      'uploads\\x.png',
      'uploads/x.png',
      '.\\uploads\\x.png',
      'C:\\app\\uploads\\x.png',
    ],
    ...['C:/app/uploads/x.png', '/uploads/x.png', '/uploads//x.png', 'https://img.example/uploads/x.png?v=1'],
  ]) {
    it(`${value} is x.png`, () => {
      expect(readValue(value, windows)).to.deep.equal({ name: 'x.png', refusal: null });
    });
  }

  for (const [value, refusal] of Object.entries({
    ...{
      'C:\\Windows\\win.ini': 'unsafe',
      'C:x.png': 'unsafe',
      'D:\\x.png': 'unsafe',
      'D:/app/uploads/x.png': 'unsafe',
    },
    ...{ '\\x.png': null, '/x.png': null, '\\\\srv\\share\\x.png': null, '//srv/share/x.png': null },
    ...{
      '\\\\?\\C:\\app\\uploads\\x.png': null,
      'x.png:stream': null,
      'x.png::$DATA': null,
      'C:\\app\\uploads': 'unsafe',
    },
    ...{
      'x.png.': 'unsafe',
      'sub./x.png': 'unsafe',
      '/uploads/x.png:stream': 'unsafe',
      'sub\\x.png::$DATA': 'unsafe',
    },
    ...{
      NUL: 'unsafe',
      'con.png': 'unsafe',
      'sub\\COM1': 'unsafe',
      'LPT1.txt': 'unsafe',
      '/uploads/NUL': 'unsafe',
    },
    ...{ '..\\x.png': 'unsafe', 'sub\\..\\..\\x.png': 'unsafe', 'C:\\app\\uploads\\..\\x.png': 'unsafe' },
    ...{
      'C:\\app\\uploads-private\\x.png': 'unsafe',
      '/uploads/C:/x.png': 'unsafe',
      '/uploads/..%5cx.png': 'unsafe',
    },
    ...{ 'sub\\\\x.png': 'not canonical', '.\\.\\x.png': 'not canonical', 'uploads\\..\\x.png': 'unsafe' },
    ...{ 'x.png ': 'not canonical' },
  })) {
    it(`${JSON.stringify(value)} is refused: ${String(refusal ?? 'not ours')}`, () => {
      expect(readValue(value, windows)).to.deep.equal({ name: null, refusal });
    });
  }
});

/** Whether a question for the forms of a file finds the value. */
function isAsked(value: string, name: string, rules = posix): boolean {
  const { equal, addresses = [] } = formsOf(name, rules);
  return (
    equal.includes(value) ||
    addresses.some((address) => value.startsWith(`${address}?`) || value.startsWith(`${address}#`))
  );
}

for (const [system, rules] of [
  ['POSIX', posix],
  ['Windows', windows],
] as const) {
  describe(`the forms of a file (${system})`, () => {
    it('each is read back as that file, and as no other unless it is ambiguous', () => {
      holds(
        aFileName,
        (name) => {
          fc.pre(namesIn(`./${name}`, rules).includes(name));
          for (const form of formsOf(name, rules).equal as string[]) {
            const names = namesIn(form, rules);
            expect(names, form).to.include(name);
            // `photo:1.png` may be an address of an app's own
            const isLikeAnAddress = form === name && /^[a-z][a-z\d+.-]*:/i.test(name);
            const isPlain = form.trim() === form && !/[\\?#%\p{Cc}]/u.test(name) && !isLikeAnAddress;
            if (names.length === 1 && isPlain) expect(readValue(form, rules).name, form).to.equal(name);
          }
        },
        150,
      );
    });

    it('have whatever is read as a file, so that the question finds it', () => {
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
        ...['%c3%bc', '%C3%BC', '(', '%28', '[', '\n', 'img.example'],
      );
      holds(
        fc.array(piece, { maxLength: 8 }),
        (pieces) => {
          const value = pieces.join('');
          const { name } = readValue(value, rules);
          if (name !== null) expect(isAsked(value, name, rules), value).to.equal(true);
          for (const one of namesIn(value, rules)) {
            expect(one.split('/'), value).to.not.include.members(['..']);
            expect(one, value).to.not.match(/^\/|^$|\0|\/$/);
          }
        },
        1500,
      );
    });
  });
}

describe('how many forms a file has', () => {
  const worst = "é [1] (x)'/ö #c&?|^$+,;=@.png";

  it('at most 20 for a plain name and one host', () => {
    const rules = rulesOf({ ...folder, realRoot: folder.root, hosts: ['img.example'] });
    expect(formsOf('a.png', rules).equal.length).to.be.at.most(20);
  });

  it('at most 200 for the worst name and one host, at most 100 more for another host', () => {
    for (const [count, most] of [
      [1, 200],
      [2, 300],
    ] as const) {
      for (const isWindows of [false, true]) {
        const hosts = ['img.example', 'localhost:3000'].slice(0, count);
        const rules = rulesOf({ ...folder, hosts, basePath: '/static', isWindows });
        expect(formsOf(worst, rules).equal.length).to.be.within(90, most);
      }
    }
  });
});

describe('upload results', () => {
  const found = (value: object): boolean => {
    const { name } = readValue(value, posix);
    const { objects = {} } = formsOf(name ?? 'none', posix);
    return Object.entries(objects).some(([path, texts]) =>
      texts.includes((value as Record<string, string>)[path] ?? ''),
    );
  };

  for (const value of [
    {
      fieldname: 'image',
      originalname: 'z.png',
      destination: 'uploads/',
      filename: 'a.png',
      path: 'uploads/a.png',
      size: 3,
    },
    { destination: './uploads', filename: 'a.png', originalname: '../z.png' },
    { destination: '/srv/app/uploads', filename: 'a.png' },
    { path: 'uploads\\a.png', originalname: 'z.png' },
    { url: '/uploads/a.png', alt: 'A' },
    { secure_url: 'https://img.example/uploads/a.png' },
    { key: 'a.png', location: 'https://img.example/uploads/a.png' },
    { path: 'a.png', url: '/uploads/a.png?v=2' },
  ]) {
    it(`${JSON.stringify(value)} is a.png, and the question finds it`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: 'a.png', refusal: null });
      expect(namesIn(value, posix)[0]).to.equal('a.png');
      expect(found(value)).to.equal(true);
    });
  }

  for (const [value, refusal, names] of [
    [{ originalname: 'a.png' }, null, []],
    [{ filename: 'a.png' }, null, []],
    [{ path: 'a.png', url: '/uploads/b.png' }, 'ambiguous', ['a.png', 'b.png']],
    [{ key: 'a.png', location: 'https://bucket.example/a.png' }, 'ambiguous', ['a.png']],
    [{ url: '/uploads/a.png?v=1' }, 'not canonical', ['a.png', 'a.png?v=1']],
    [{ destination: 'uploads', filename: 'sub/a.png' }, 'not canonical', ['sub/a.png', 'uploads/sub/a.png']],
    [{ path: '../a.png' }, 'unsafe', []],
    [{ url: 'https://other.example/a.png' }, null, []],
    [{ path: 7, url: null, key: {} }, null, []],
  ] as const) {
    it(`${JSON.stringify(value)} is no certain file: ${refusal ?? 'not ours'}`, () => {
      expect(readValue(value, posix)).to.deep.equal({ name: null, refusal });
      expect(namesIn(value, posix)).to.deep.equal(names);
    });
  }

  it('getters that throw are survived', () => {
    const hostile = {
      get path(): string {
        throw new Error('no');
      },
    };
    expect(readValue(hostile, posix)).to.deep.equal({ name: null, refusal: null });
    expect(namesIn(hostile, posix)).to.deep.equal([]);
  });
});
