import { el } from './dom.js';

const list = document.querySelector('#stream');
const empty = document.querySelector('#no-lines');
const MOST_LINES = 60;

/** Shows all lines that the server has, after the page was loaded or the connection came back, each only once. */
export function showLines(lines) {
  list.setAttribute('aria-live', 'off');
  list.replaceChildren(...lines.map(lineOf).reverse());
  empty.hidden = lines.length > 0;
  requestAnimationFrame(() => list.removeAttribute('aria-live'));
}

export function addLine(line) {
  list.prepend(lineOf(line));
  empty.hidden = true;
  while (list.children.length > MOST_LINES) list.lastElementChild.remove();
}

function lineOf({ outcome, file, text, operation, at }) {
  const time = new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' });
  return el(
    'li',
    { class: `line ${outcome}` },
    el('span', { class: 'outcome' }, outcome === 'refused' ? 'waits' : outcome),
    el(
      'span',
      { class: 'what' },
      el('strong', {}, file),
      ` ${text} `,
      el('span', { class: 'when' }, operation ? `${operation} · ${time}` : time),
    ),
  );
}
