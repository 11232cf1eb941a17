const MOST_LINES = 40;
const stream = document.querySelector('#stream');

/** Creates an element with texts or elements in it. Texts are never parsed as HTML. */
function el(name, about, ...children) {
  const element = Object.assign(document.createElement(name), about);
  element.append(...children);
  return element;
}

function button(label, name, run) {
  const element = el('button', { type: 'button', onclick: run }, label);
  element.setAttribute('aria-label', name);
  return element;
}

/** Shows the posts and the folder. */
export function showState({ posts, files }, { edit, remove, insert }) {
  show(
    'posts',
    posts.map(({ id, title, pictures }) =>
      el(
        'li',
        {},
        el('strong', {}, title),
        el('span', { className: 'quiet' }, pictures === 1 ? '1 image' : `${pictures} images`),
        button('Edit', `Edit ${title}`, () => edit(id)),
        button('Delete', `Delete ${title}`, () => remove(id)),
      ),
    ),
  );
  show(
    'files',
    files.map(({ name, url, usedBy }) => {
      const users = usedBy.length === 0 ? 'in no post' : `in ${usedBy.join(', ')}`;
      const item = el(
        'li',
        {},
        el('img', { src: url, alt: '' }),
        el('span', {}, el('strong', {}, name), el('span', { className: 'quiet' }, users)),
        button('Insert', `Insert ${name} into the post`, () => insert(url)),
      );
      item.dataset.file = name;
      return item;
    }),
  );
}

function show(id, items) {
  document.querySelector(`#${id}`).replaceChildren(...items);
  document.querySelector(`#no-${id}`).hidden = items.length > 0;
}

/** Shows all lines that the server has, each only once. */
export function showLines(lines) {
  stream.replaceChildren(...lines.map(lineOf).reverse());
}

export function addLine(line) {
  stream.prepend(lineOf(line));
  while (stream.children.length > MOST_LINES) stream.lastElementChild.remove();
}

function lineOf({ outcome, file, text, operation }) {
  const by = operation ? ` (${operation})` : '';
  return el('li', { className: outcome }, el('strong', {}, `${outcome} `), `${file}: ${text}${by}`);
}
