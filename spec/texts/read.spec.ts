import { expect } from 'chai';
import { TextReader, type TextFormat } from '../../lib/texts/text-reader.js';

function imagesIn(format: TextFormat, text: unknown): unknown[] {
  const problems: string[] = [];
  const images = new TextReader(format, { tell: (what) => problems.push(what) }).read(text).sort();
  expect(problems).to.deep.equal([]);
  return images;
}

describe('what a text uses', () => {
  describe('in HTML', () => {
    for (const [html, ...expected] of [
      ['<img src="/uploads/a.png">', '/uploads/a.png'],
      ["<IMG SRC='a.png'>", 'a.png'],
      ['<img src=a.png>', 'a.png'],
      ['<img src = " a.png\n">', 'a.png'],
      ['<img src="a&amp;b.png"><img src=\'a&#38;c.png\'>', 'a&b.png', 'a&c.png'],
      ['<img src="a%20b.png">', 'a%20b.png'],
      ['<img src="a{1}.png"><img src="it\'s.png">', 'a{1}.png', "it's.png"],
      ['<img srcset="a,b.png 1x, c.png 2x,d.png">', 'a,b.png', 'c.png', 'd.png'],
      ['<img srcset="a.png, b.png 100w,c.png 200w , d.png">', 'a.png', 'b.png', 'c.png', 'd.png'],
      ['<img srcset="x.png calc(1px, 2px), y.png 2x">', 'x.png', 'y.png'],
      [
        '<link rel="preload" as="image" imagesrcset="a.png 1x, b.png 2x" href="c.png">',
        'a.png',
        'b.png',
        'c.png',
      ],
      ['<picture><source srcset="a.webp"><img src="a.png"></picture>', 'a.png', 'a.webp'],
      [
        '<video poster="p.jpg" src="v.mp4"><source src="w.webm"></video><audio src="s.mp3">',
        'p.jpg',
        's.mp3',
        'v.mp4',
        'w.webm',
      ],
      ['<a href="big.jpg"><img src="small.jpg"></a>', 'big.jpg', 'small.jpg'],
      [
        '<object data="o.svg"></object><embed src="e.svg"><input type="image" src="i.png">',
        'e.svg',
        'i.png',
        'o.svg',
      ],
      ['<p style="background: url(a.png)"><p style=\'background: URL( "b.png" )\'>', 'a.png', 'b.png'],
      ['<p style="background:url(&quot;c d.png&quot;), image-set(\'e.png\' 1x)">', 'c d.png', 'e.png'],
      ['<p style="background:url(a\\26 b.png)">', 'a&b.png'],
      [
        "<style>.a{background:url('a.png')} /* url(no.png) */ .b{background:url(b.png)}</style>",
        'a.png',
        'b.png',
      ],
      ['<p style="background:url(a\\20 b\\28 1\\29.png)">', 'a b(1).png'],
      ['<p style="background:url(/*a.png), url(\'/*b.png\') /* url(no.png) */">', '/*a.png', '/*b.png'],
      ['<td background="t.png">', 't.png'],
      ['<img data-src="lazy.png" data-id="7" data-word="hello">', 'lazy.png'],
      ['<img data-srcset="a.png 1x, b.png 2x">', 'a.png', 'b.png'],
      ['<div data-options=\'{"image":"/uploads/o.png","n":1}\'>', '/uploads/o.png'],
      [
        '<svg><image href="a.png"/><image xlink:href="b.png"/><use href="c.svg#x"/></svg>',
        'a.png',
        'b.png',
        'c.svg#x',
      ],
      ['<svg><rect fill="url(p.svg#x)"/></svg>', 'p.svg#x'],
      ['<noscript><img src="a.png"></noscript>', 'a.png'],
      ['<template><img src="a.png"></template>', 'a.png'],
      ['<iframe srcdoc="&lt;img src=&quot;a.png&quot;&gt;"></iframe>', 'a.png'],
      [
        '<meta property="og:image" content="https://x.org/a.png"><meta name="d" content="A word.">',
        'https://x.org/a.png',
      ],
      ['<!-- <img src="a.png"> --><script>var x = \'<img src="b.png">\'</script>'],
      ['<img alt="a.png" title="b.png">a.png &lt;img src="c.png"&gt;'],
      ['a < b <3 <img'],
      [''],
    ] as const) {
      it(`${html} : ${expected.join(' ') || 'nothing'}`, () => {
        expect(imagesIn('html', html)).to.deep.equal([...expected].sort());
      });
    }
  });

  describe('in Markdown', () => {
    for (const [markdown, ...expected] of [
      ['![alt](/uploads/a.png "title") and [link](b.png)', '/uploads/a.png', 'b.png'],
      ['![alt](<a b.png>)', 'a b.png'],
      ['![alt][one]\n\n[one]: a.png', 'a.png'],
      ['![one][]\n\n![two]\n\n[one]: a.png\n[two]: <b.png> "t"', 'a.png', 'b.png'],
      ['- a\n  - b ![x](a.png)\n\n> > ![y](b.png)', 'a.png', 'b.png'],
      ['|a|\n|-|\n|![t](t.png)|', 't.png'],
      ['[![in a link](a.png)](b.png)', 'a.png', 'b.png'],
      ['text <img src="a.png"> text\n\n<div>\n<img src=\'b.png\'>\n</div>', 'a.png', 'b.png'],
      ['`![code](a.png)`\n\n```\n![code](b.png)\n```\n\n    ![code](c.png)'],
      ['\\![no image](a.png)', 'a.png'],
      ['<https://x.org/a.png>', 'https://x.org/a.png'],
      ['words <style>p { background: url(a.png) }</style> words', 'a.png'],
      ['> words <style>p { background: url(a.png) }</style> `<img src="no.png">`', 'a.png'],
    ] as const) {
      it(`${JSON.stringify(markdown)} : ${expected.join(' ') || 'nothing'}`, () => {
        expect(imagesIn('markdown', markdown)).to.deep.equal([...expected].sort());
      });
    }

    it('an address with an entity is read both ways', () => {
      expect(imagesIn('markdown', '![](a&amp;b.png)')).to.deep.equal(['a&amp;b.png', 'a&b.png']);
    });
  });

  describe("in an editor's document", () => {
    const documents: readonly (readonly [string, unknown, ...string[]])[] = [
      [
        'TipTap',
        { type: 'doc', content: [{ type: 'image', attrs: { src: 'a.png', alt: 'word' } }] },
        'a.png',
      ],
      ['Slate', [{ type: 'image', url: '/u/a.png', children: [{ text: 'some text.' }] }], '/u/a.png'],
      ['Quill', { ops: [{ insert: { image: 'a.png' } }, { insert: 'Hello\n' }] }, 'a.png'],
      ['Editor.js', { blocks: [{ type: 'image', data: { file: { url: 'a.png' } } }] }, 'a.png'],
      ['HTML in a block', { blocks: [{ data: { text: 'see <img src="a.png">' } }] }, 'a.png'],
      ['JSON in a string', { root: JSON.stringify({ src: 'a.png' }) }, 'a.png'],
      ['sizes', { type: 'image', srcset: 'a.png 300w, b.png 600w' }, 'a.png', 'b.png'],
      ['a name that looks like HTML', { url: '/u/<b>.png' }, '/u/<b>.png'],
      ['a name without ending, in a folder', { id: 'folder/a' }, 'folder/a'],
      ['words', { text: 'Hello world.', type: 'paragraph', n: 1, none: null, yes: true }],
    ];
    for (const [name, value, ...expected] of documents) {
      it(`${name}: ${expected.join(' ') || 'nothing'}, as an object and as a text`, () => {
        expect(imagesIn('json', value)).to.deep.equal(expected);
        expect(imagesIn('json', JSON.stringify(value))).to.deep.equal(expected);
      });
    }

    it('a text that is no JSON holds nothing', () => {
      expect(imagesIn('json', 'a.png')).to.deep.equal([]);
    });
  });

  describe('by a function', () => {
    it('what it answers', () => {
      expect(imagesIn((value) => [String(value), ' b.png '], 'a.png')).to.deep.equal(['a.png', 'b.png']);
    });

    for (const [name, read] of [
      [
        'throws',
        () => {
          throw new Error('no such block');
        },
      ],
      ['answers with a promise', () => Promise.reject(new Error('late'))],
      ['answers with a string', () => 'a.png'],
      ['answers with objects', () => [{ url: 'a.png' }]],
    ] as const) {
      it(`one that ${name} is told once, and uses nothing`, () => {
        const told: string[] = [];
        const reader = new TextReader(read as unknown as TextFormat, { tell: (what) => told.push(what) });
        expect([reader.read('x'), reader.read('y')]).to.deep.equal([[], []]);
        expect(told).to.have.length(1);
      });
    }
  });

  describe('whatever comes', () => {
    const deep = (open: string, close: string) => open.repeat(100_000) + close.repeat(100_000);
    for (const [name, format, text] of [
      ['100,000 open elements', 'html', `${deep('<b>', '</i>')}<img src="a.png">`],
      ['an attribute of a megabyte', 'html', `<p data-x="${'{'.repeat(1e6)}"><img src="a.png">`],
      ['100,000 beginnings of addresses', 'html', `<p style="${'url('.repeat(100_000)}"><img src="a.png">`],
      ['100,000 comments', 'html', `<style>${'/*"'.repeat(100_000)}</style><img src="a.png">`],
      ['100,000 strings', 'html', `<style>/*${`*/url(x"'`.repeat(100_000)}</style><img src="a.png">`],
      ['100,000 commas', 'html', `<img srcset="${', '.repeat(100_000)}a.png">`],
    ] as const) {
      it(`${name}: the image behind it is found`, () => {
        expect(imagesIn(format, text)).to.include('a.png');
      }).timeout(5000);
    }

    it('frames in frames are read to a depth that nobody needs', () => {
      let html = '<img src="a.png">';
      for (let depth = 0; depth < 12; depth++) {
        html = `<img src="${String(depth)}.png"><iframe srcdoc="${html.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">`;
      }
      expect(imagesIn('html', html)).to.deep.equal(['10.png', '11.png', '7.png', '8.png', '9.png']);
    });

    it('so many images that nobody wrote them: the first ones are found', () => {
      const html = Array.from({ length: 50_000 }, (_, n) => `<img src="${String(n)}.png">`).join('');
      expect(imagesIn('html', html)).to.have.length(10_000);
    });

    it('a document that contains itself, deep lists in Markdown, and values that are no texts', () => {
      const loop: Record<string, unknown> = { src: 'a.png' };
      loop['self'] = loop;
      expect(imagesIn('json', loop)).to.deep.equal(['a.png']);
      for (const value of [null, undefined, 7, true, new Date(), Buffer.from('x'), { a: 1 }]) {
        expect(imagesIn('html', value)).to.deep.equal([]);
        expect(imagesIn('markdown', value)).to.deep.equal([]);
        expect(imagesIn('json', value)).to.deep.equal([]);
      }
      const told: string[] = [];
      const reader = new TextReader('markdown', { tell: (what) => told.push(what) });
      reader.read('> '.repeat(20_000));
      reader.read('[a]('.repeat(20_000));
    });
  });
});
