import { address, attribute, cssUrl, quoted } from './spelling.js';
import type { Kind, Placing } from './generated-text.js';
import { AROUND, NOISE, WORDS } from './markup.js';

/** A document of HTML, or a part of one, with files at random places. */
export function generateHtml(placing: Placing): string {
  const { dice } = placing;
  const parts: string[] = [];
  for (let left = 1 + dice.below(6); left > 0; left--) {
    if (dice.oneIn(3)) parts.push(dice.pick(NOISE));
    if (dice.oneIn(2)) parts.push(dice.pick(WORDS));
    parts.push(around(placing, pictureIn(placing)));
  }
  return parts.join(dice.pick(['', ' ', '\n']));
}

function around({ dice }: Placing, inner: string): string {
  if (dice.oneIn(3)) return inner;
  const opening = dice.pick(AROUND);
  const names = opening.split('>').map((tag) => tag.split(' ')[0]!);
  const closing = names
    .reverse()
    .map((name) => `</${name}>`)
    .join('');
  return `<${opening}>${inner}${dice.oneIn(8) ? '' : closing}`;
}

const PICTURES: readonly ((placing: Placing) => string)[] = [
  img,
  img,
  img,
  imgWithSizes,
  picture,
  video,
  styled,
  styleSheet,
  other,
  mention,
];

export function pictureIn(placing: Placing): string {
  return placing.dice.pick(PICTURES)(placing);
}

function url(placing: Placing, kind: Kind, taboo?: RegExp): string {
  return address(placing.dice, placing.files.base + placing.name(kind), taboo);
}

/** An element without content, its attributes in any order. */
function element({ dice }: Placing, name: string, attributes: readonly string[]): string {
  const all = [...attributes];
  if (dice.oneIn(3))
    all.push(attribute(dice, 'alt', dice.pick(['', 'a "b"', "it's", '<i>', 'a > b', 'a=b'])));
  if (dice.oneIn(4)) all.push(dice.pick(['hidden-x', 'width=10', 'class="a b"']));
  const from = dice.below(all.length);
  const turned = [...all.slice(from), ...all.slice(0, from)];
  const tag = dice.oneIn(6) ? name.toUpperCase() : name;
  return `<${tag}${dice.pick([' ', ' ', '\n  '])}${turned.join(' ')}${dice.pick(['>', '>', ' />'])}`;
}

function img(placing: Placing): string {
  return element(placing, 'img', [attribute(placing.dice, 'src', url(placing, 'img'))]);
}

/** Every address of a `srcset` ends at a space, and none begins or ends with a comma. */
function srcset(placing: Placing, kind: Kind): string {
  const { dice } = placing;
  const unit = dice.pick(['w', 'x', 'none']);
  const count = unit === 'none' ? 1 : 1 + dice.below(3);
  const candidates = Array.from({ length: count }, (_, at) => {
    const one = url(placing, kind, /\s/g);
    return unit === 'none' ? one : `${one} ${String((at + 1) * (unit === 'w' ? 300 : 1))}${unit}`;
  });
  return candidates.join(dice.pick([', ', ' , ', ',\n', ' ,']));
}

function imgWithSizes(placing: Placing): string {
  const { dice } = placing;
  const sizes = dice.oneIn(2) ? [attribute(dice, 'sizes', '(max-width: 400px) 100vw, 50vw')] : [];
  const src = dice.oneIn(3) ? [] : [attribute(dice, 'src', url(placing, 'img'))];
  return element(placing, 'img', [attribute(dice, 'srcset', srcset(placing, 'srcset')), ...sizes, ...src]);
}

function picture(placing: Placing): string {
  const { dice } = placing;
  const media = dice.oneIn(2)
    ? [attribute(dice, 'media', `(min-width: ${dice.pick(['1', '99999'])}px)`)]
    : [];
  const source = element(placing, 'source', [attribute(dice, 'srcset', srcset(placing, 'srcset')), ...media]);
  return `<picture>${source}${img(placing)}</picture>`;
}

function video(placing: Placing): string {
  const { dice } = placing;
  const poster = attribute(dice, 'poster', url(placing, 'poster'));
  const sources = Array.from({ length: dice.below(3) }, () =>
    element(placing, 'source', [attribute(dice, 'src', url(placing, 'source'))]),
  );
  return `<video controls ${poster}>${sources.join('')}</video>`;
}

function styled(placing: Placing): string {
  const { dice } = placing;
  const image = cssUrl(dice, url(placing, 'style', /[\n]/g));
  const property = dice.pick(['background-image', 'background', 'border-image-source', 'list-style-image']);
  const before = dice.oneIn(3) ? 'color: red; ' : '';
  const display = property === 'list-style-image' ? 'display: list-item; ' : '';
  const border = property.startsWith('border') ? 'border: 9px solid; ' : '';
  const style = `${before}${display}${border}${property}: ${image}${dice.pick(['', ';', ' no-repeat'].slice(0, property === 'background' ? 3 : 2))}`;
  return `<div style=${quoted(dice, style)}>x</div>`;
}

/** A rule of its own for an element of its own, as a style sheet in a text holds for the whole page. */
function styleSheet(placing: Placing): string {
  const { dice } = placing;
  const image = cssUrl(dice, url(placing, 'style', /</g));
  const name = `c${String(dice.below(1_000_000_000))}`;
  const comment = dice.oneIn(3) ? '/* a comment */ ' : '';
  return `<style>${comment}.${name} { color: red; background-image: ${image} }</style><div class=${name}>x</div>`;
}

function other(placing: Placing): string {
  const { dice } = placing;
  const one = () => url(placing, 'other');
  const make = dice.pick([
    () => element(placing, 'input type=image', [attribute(dice, 'src', one())]),
    () => `<svg width=9 height=9><image ${attribute(dice, 'href', one())} width=9 height=9 /></svg>`,
    () => `<svg width=9 height=9><image ${attribute(dice, 'xlink:href', one())} width=9 height=9 /></svg>`,
    () => `<table ${attribute(dice, 'background', one())}><tr><td>x</table>`,
    () => `<video ${attribute(dice, 'src', one())}></video>`,
    () => `<audio controls ${attribute(dice, 'src', one())}></audio>`,
    () => `<embed type=image/png ${attribute(dice, 'src', one())}>`,
    () => `<object type=image/png ${attribute(dice, 'data', one())}></object>`,
    () => `<div style=${quoted(dice, `background-image: image-set(${cssUrl(dice, one())} 1x)`)}>x</div>`,
    () => `<div style=${quoted(dice, `--own: ${cssUrl(dice, one())}; background-image: var(--own)`)}>x</div>`,
    () => `<iframe ${attribute(dice, 'srcdoc', `<img ${attribute(dice, 'src', one())}>`)}></iframe>`,
    () => `<a ${attribute(dice, 'href', one())}>a link</a>`,
    () => `<img ${attribute(dice, 'data-src', one())}>`,
    () => `<noscript><img ${attribute(dice, 'src', one())}></noscript>`,
    () => `<template><img ${attribute(dice, 'src', one())}></template>`,
  ]);
  return make();
}

function mention(placing: Placing): string {
  const { dice, files } = placing;
  const path = files.base + placing.name('mention');
  return dice.pick([
    () => `<!-- ${address(dice, path, /[->]/g)} -->`,
    () => `<code>${escaped(path)}</code>`,
    () => `<p ${attribute(dice, 'title', path)}>x</p>`,
    () => `<pre>&lt;img src=&quot;${escaped(path)}&quot;&gt;</pre>`,
    () => `<a href="#">${escaped(address(dice, path))}</a>`,
  ])();
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}
