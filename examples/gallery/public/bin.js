import { act } from './api.js';
import { countdown, everyTick, isOver } from './countdown.js';
import { el, keepingFocus } from './dom.js';

const list = document.querySelector('#bin');
const heading = document.querySelector('#bin-title');
const empty = document.querySelector('#no-bin');
const undoLatest = document.querySelector('#undo');

let entries = [];
const items = new Map();

/**
 * Shows the entries that can still be undone, the latest first. The time of an entry may be over before the server says
 * so.
 */
export function showBin(next) {
  entries = next;
  render();
}

everyTick(() => {
  if (entries.some(({ until }) => isOver(until))) render();
});

function render() {
  entries = entries.filter(({ until }) => !isOver(until));
  const ids = new Set(entries.map(({ id }) => id));
  keepingFocus(
    list,
    () => {
      for (const [id, item] of items) {
        if (ids.has(id)) continue;
        item.remove();
        items.delete(id);
      }
      for (const [index, entry] of entries.entries()) place(entry, index);
    },
    () => heading,
  );
  empty.hidden = entries.length > 0;
  if (entries.length === 0 && document.activeElement === undoLatest) heading.focus({ preventScroll: true });
  undoLatest.classList.toggle('absent', entries.length === 0);
  if (entries.length > 0) undoLatest.setAttribute('aria-label', `Undo the latest: ${nameOf(entries[0])}`);
}

undoLatest.addEventListener('click', () => {
  if (entries.length > 0) undo(entries[0]);
});

function place(entry, index) {
  const item = items.get(entry.id) ?? itemOf(entry);
  items.set(entry.id, item);
  if (list.children[index] !== item) list.insertBefore(item, list.children[index] ?? null);
}

function itemOf(entry) {
  const { id, images, until } = entry;
  const name = nameOf(entry);
  const files = images.length === 1 ? '1 file' : `${images.length} files`;
  return el(
    'li',
    { class: 'bin-entry', 'data-entry': id },
    images.length > 0 ? el('img', { src: images[0], alt: '' }) : el('span', { class: 'no-image' }),
    el('p', { class: 'bin-name', title: name }, name),
    el(
      'p',
      { class: 'bin-files' },
      images.length === 0 ? countdown('expires', until) : countdown(`${files}, removal`, until),
    ),
    el(
      'div',
      { class: 'bin-actions' },
      el(
        'button',
        {
          type: 'button',
          'aria-label': `Undo: ${name}`,
          'data-key': `${id} undo`,
          onclick: () => undo(entry),
        },
        'Undo',
      ),
      el(
        'button',
        {
          type: 'button',
          class: 'danger',
          'aria-label': `Remove now: ${name}`,
          'data-key': `${id} now`,
          onclick: () => act('DELETE', `/api/bin/${id}`),
        },
        'Remove now',
      ),
    ),
  );
}

function undo({ id }) {
  return act('POST', `/api/bin/${id}/undo`);
}

const WHAT = { cover: 'Old cover of', avatar: 'Old avatar of', image: 'Image of' };

function nameOf({ what, title }) {
  return what === 'album' ? title : `${WHAT[what]} ${title}`;
}
