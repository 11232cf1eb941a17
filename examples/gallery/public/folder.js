import { act } from './api.js';
import { countdown } from './countdown.js';
import { el, keepingFocus } from './dom.js';

const list = document.querySelector('#files');
const heading = document.querySelector('#folder');
const count = document.querySelector('#folder-count');
const empty = document.querySelector('#no-files');
const isCalm = matchMedia('(prefers-reduced-motion: reduce)');

const items = new Map();

/** Shows every file of the folder with its size and users. A file that was removed fades out. */
export function showFiles(files) {
  const present = new Set(files.map(({ name }) => name));
  keepingFocus(
    list,
    () => {
      for (const [name, { item }] of items) {
        if (present.has(name)) continue;
        items.delete(name);
        fadeOut(item);
      }
      for (const file of files) place(file);
    },
    () => heading,
  );
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  count.textContent = files.length === 0 ? '' : `${files.length} · ${sizeOf(bytes)}`;
  empty.hidden = files.length > 0;
}

function place(file) {
  const look = JSON.stringify(file);
  const known = items.get(file.name);
  if (known?.look === look) return;
  const item = itemOf(file);
  items.set(file.name, { look, item });
  if (known) known.item.replaceWith(item);
  else list.append(item);
}

function itemOf({ name, url, size, usedBy, goesAt, isBack }) {
  const isUnused = usedBy.length === 0;
  const kind = !isUnused ? 'file' : goesAt ? 'file waiting' : 'file orphan';
  return el(
    'li',
    { class: kind, 'data-file': name },
    el('img', { src: url, alt: '' }),
    el('p', { class: 'file-name', title: name }, name),
    el('p', { class: 'file-size' }, sizeOf(size)),
    el('p', { class: 'users' }, ...fateOf({ usedBy, goesAt, isBack })),
    isUnused
      ? el(
          'button',
          {
            type: 'button',
            'data-key': `unused ${name}`,
            'aria-label': `Remove if unused: ${name}`,
            onclick: () => act('POST', '/api/files/remove-unused', { file: name }),
          },
          'Remove if unused',
        )
      : null,
  );
}

function fateOf({ usedBy, goesAt, isBack }) {
  if (usedBy.length > 0) return [isBack ? `kept: ${usersOf(usedBy)} again` : usersOf(usedBy)];
  return goesAt ? [countdown('removal', goesAt)] : ['orphan: no document uses it'];
}

function usersOf(usedBy) {
  return usedBy.map(({ title, as }) => `${as} of ${title}`).join(', ');
}

function fadeOut(item) {
  item.classList.add('leaving');
  item.setAttribute('aria-hidden', 'true');
  if (isCalm.matches) item.remove();
  else item.addEventListener('animationend', () => item.remove(), { once: true });
}

function sizeOf(bytes) {
  if (bytes < 1000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
