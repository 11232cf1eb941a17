import type { Kind, Placing } from './generated-text.js';
import { generateHtml } from './html.js';
import { address } from './spelling.js';

type Node = Record<string, unknown>;

/**
 * A tree as editors keep it. What a key holds says how a page shows it (`page.ts` draws such trees): `src`, `url` and `image` are
 * addresses of pictures, `srcset`, `poster` and `video` what HTML calls so, `html` is HTML.
 */
export function generateJson(placing: Placing): unknown {
  const { dice } = placing;
  const tree = branch(placing, 3);
  return dice.oneIn(4) ? JSON.stringify(tree, null, dice.pick([0, 2])) : tree;
}

function branch(placing: Placing, depth: number): Node {
  const { dice } = placing;
  const content = Array.from({ length: 1 + dice.below(3) }, () =>
    depth > 0 && dice.oneIn(3) ? branch(placing, depth - 1) : leaf(placing),
  );
  const children = dice.pick(['content', 'children', 'blocks', 'ops']);
  return {
    type: dice.pick(['doc', 'paragraph', 'bulletList', 'tableCell']),
    [children]: content,
    version: 1,
  };
}

function leaf(placing: Placing): Node {
  const { dice } = placing;
  const one = (kind: Kind, taboo?: RegExp) => address(dice, placing.files.base + placing.name(kind), taboo);
  return dice.pick<() => Node>([
    () => ({ type: 'image', attrs: { src: one('img'), alt: 'a "b"', title: null } }),
    () => ({
      type: 'image',
      data: { file: { url: one('img') }, caption: 'A <b>caption</b>', stretched: false },
    }),
    () => ({ insert: { image: one('img') }, attributes: { width: '300' } }),
    () => ({ type: 'image', url: one('img'), children: [{ text: '' }] }),
    () => ({
      type: 'picture',
      src: one('img'),
      srcset: `${one('srcset', /\s/g)} 300w, ${one('srcset', /\s/g)} 600w`,
    }),
    () => ({ type: 'video', poster: one('poster'), video: one('source') }),
    () => ({ type: 'raw', data: { html: generateHtml(placing) } }),
    () => ({ type: 'text', text: 'only words', marks: [{ type: 'link', attrs: { href: one('other') } }] }),
    () => ({ type: 'codeBlock', text: `first\n${placing.name('mention')}\tmore` }),
    () => ({ type: 'code', text: `<img src="${one('mention', /["&]/g)}">` }),
  ])();
}
