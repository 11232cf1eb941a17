import { act, formOf } from './api.js';
import { countdown } from './countdown.js';
import { el, keepingFocus } from './dom.js';

const list = document.querySelector('#albums');
const title = document.querySelector('#documents-title');
const empty = document.querySelector('#no-albums');
const deleteTag = document.querySelector('#delete-tag');

let albums = [];
const cards = new Map();

/** Shows the documents as cards. A card is created anew only if its document has changed. */
export function showAlbums(next) {
  albums = next;
  keepingFocus(
    list,
    () => {
      const ids = new Set(albums.map(({ id }) => id));
      for (const [id, { card }] of cards) {
        if (ids.has(id)) continue;
        card.remove();
        cards.delete(id);
      }
      for (const [index, album] of albums.entries()) place(album, index);
    },
    () => title,
  );
  empty.hidden = albums.length > 0;
  showTags();
}

/** Shows on each card how many files its album has dropped or uses again. The text covers no control and moves nothing. */
export function showFates(files, bin) {
  for (const { id, cover, gallery, owner } of albums) {
    const own = new Set([cover, owner.avatar, ...gallery]);
    const dropped = new Set(bin.filter(({ albumId }) => albumId === id).flatMap(({ images }) => images));
    const kept = files.filter(({ url, isBack }) => isBack && own.has(url)).length;
    const going = files.filter(({ url, goesAt }) => goesAt && dropped.has(url));
    const next = going.map(({ goesAt }) => goesAt).sort()[0];
    const look = `${kept} ${going.length} ${next}`;
    const { card } = cards.get(id);
    const fate = card.querySelector('.fate');
    if (fate.dataset.look === look) continue;
    fate.dataset.look = look;
    const parts = [];
    if (kept > 0) parts.push(el('span', { class: 'kept' }, `Kept: ${filesOf(kept)} in use again`));
    if (next)
      parts.push(
        countdown(
          `${filesOf(going.length)} dropped, ${going.length === 1 ? 'removal' : 'first removal'}`,
          next,
        ),
      );
    fate.replaceChildren(...parts);
  }
}

function filesOf(count) {
  return count === 1 ? '1 file' : `${count} files`;
}

function place(album, index) {
  const look = JSON.stringify(album);
  const known = cards.get(album.id);
  const card = known?.look === look ? known.card : cardOf(album);
  cards.set(album.id, { look, card });
  if (known && known.card !== card) known.card.replaceWith(card);
  if (list.children[index] !== card) list.insertBefore(card, list.children[index] ?? null);
}

function cardOf(album) {
  const { id, title: name, tag, cover, gallery, owner } = album;
  const url = `/api/albums/${id}`;
  const headingId = `album-${id}`;
  return el(
    'article',
    { class: 'album', 'aria-labelledby': headingId },
    cover
      ? el('img', { class: 'cover', src: cover, alt: `Cover of ${name}` })
      : el('p', { class: 'cover no-cover' }, 'No cover'),
    el('p', { class: 'fate' }),
    el(
      'div',
      { class: 'album-head' },
      owner.avatar
        ? el('img', { class: 'avatar', src: owner.avatar, alt: `Avatar of ${owner.name}` })
        : el('span', { class: 'avatar', 'aria-hidden': 'true' }, owner.name.slice(0, 1)),
      el(
        'div',
        { class: 'names' },
        el('h3', { id: headingId, tabIndex: -1, 'data-key': `${id} title` }, name),
        el('p', {}, owner.name),
      ),
      tag ? el('span', { class: 'tag' }, tag) : null,
    ),
    gallery.length > 0 ? galleryOf(album) : null,
    el(
      'div',
      { class: 'row actions' },
      fileButton('Replace cover', `Replace cover of ${name}`, `${id} cover`, false, (images) =>
        act('PUT', `${url}/cover`, formOf(images)),
      ),
      fileButton('Add images', `Add images to ${name}`, `${id} add`, true, (images) =>
        act('POST', `${url}/gallery`, formOf(images)),
      ),
      fileButton('Replace avatar', `Replace avatar of ${owner.name}`, `${id} avatar`, false, ([image]) =>
        act('PUT', `${url}/avatar`, formOf([], { avatar: image })),
      ),
      cover ? shareMenu(album) : null,
      deleteMenu(album),
    ),
  );
}

function galleryOf({ id, title: name, gallery }) {
  const url = `/api/albums/${id}/gallery`;
  const count = gallery.length;
  const moved = (from, to) => gallery.toSpliced(from, 1).toSpliced(to, 0, gallery[from]);
  const items = gallery.map((image, index) => {
    const which = `image ${index + 1} of ${count} of ${name}`;
    const button = (sign, what, key, onclick, disabled = false) =>
      el(
        'button',
        {
          type: 'button',
          class: 'icon',
          'aria-label': `${what} ${which}`,
          title: what,
          'data-key': key,
          onclick,
          disabled,
        },
        sign,
      );
    return el(
      'li',
      {},
      el('img', { src: image, alt: `Image ${index + 1} of ${name}` }),
      el(
        'div',
        { class: 'image-actions' },
        button(
          '←',
          'Move forward',
          `${image} forward`,
          () => act('PUT', url, { images: moved(index, index - 1) }),
          index === 0,
        ),
        button(
          '→',
          'Move back',
          `${image} back`,
          () => act('PUT', url, { images: moved(index, index + 1) }),
          index === count - 1,
        ),
        button('✕', 'Take out', `${id} out ${index}`, () => act('DELETE', url, { image })),
      ),
    );
  });
  return el('ul', { class: 'gallery', 'aria-label': `Gallery of ${name}` }, ...items);
}

function fileButton(text, label, key, multiple, onfiles) {
  const input = el('input', {
    type: 'file',
    accept: 'image/*',
    multiple,
    'aria-label': label,
    'data-key': key,
    onchange: () => {
      if (input.files.length > 0) onfiles([...input.files]);
      input.value = '';
    },
  });
  return el('label', { class: 'button' }, input, text);
}

/** A menu that closes with Escape, and when the focus leaves it. */
function menu(text, label, key, fill) {
  const summary = el('summary', { class: 'button', 'aria-label': label, 'data-key': key }, text);
  const items = el('div', { class: 'menu-items' });
  const details = el(
    'details',
    {
      class: 'menu',
      ontoggle: () => {
        if (details.open) items.replaceChildren(...fill());
      },
      onkeydown: (event) => {
        if (event.key !== 'Escape' || !details.open) return;
        details.open = false;
        summary.focus();
      },
      onfocusout: ({ relatedTarget }) => {
        if (relatedTarget && !details.contains(relatedTarget)) details.open = false;
      },
    },
    summary,
    items,
  );
  const choose = (deed) => () => {
    details.open = false;
    summary.focus();
    deed();
  };
  return { details, choose };
}

function shareMenu({ id, title: name }) {
  const { details, choose } = menu('Share cover', `Share cover of ${name}`, `${id} share`, () => {
    const others = albums.filter((other) => other.id !== id);
    if (others.length === 0) return [el('p', {}, 'Create a second album first.')];
    return others.map((other) =>
      el(
        'button',
        { type: 'button', onclick: choose(() => act('POST', `/api/albums/${id}/share`, { with: other.id })) },
        `with ${other.title}`,
      ),
    );
  });
  return details;
}

const WAYS_TO_DELETE = [
  ['plain', 'Delete', 'findByIdAndDelete'],
  ['for ever', 'Delete permanently', 'gracePeriod: 0, the files are removed at once'],
  ['rollback', 'Delete in a transaction, roll back', 'the album and its files stay'],
  ['commit', 'Delete in a transaction, commit', 'no file is removed before the commit'],
  ['without cleanup', 'Delete, plugin off', 'imageCleanup: false, files stay as orphans'],
];

function deleteMenu({ id, title: name }) {
  const { details, choose } = menu('Delete', `Delete ${name}`, `${id} delete`, () =>
    WAYS_TO_DELETE.map(([how, text, hint]) =>
      el(
        'button',
        {
          type: 'button',
          class: 'danger',
          onclick: choose(() => act('DELETE', `/api/albums/${id}`, { how })),
        },
        text,
        el('small', {}, hint),
      ),
    ),
  );
  return details;
}

function showTags() {
  const select = deleteTag.elements.tag;
  const tags = [...new Set(albums.map(({ tag }) => tag).filter(Boolean))].sort();
  deleteTag.hidden = tags.length === 0;
  const chosen = select.value;
  const now = [...select.options].map(({ value }) => value);
  if (now.join('\n') !== tags.join('\n'))
    select.replaceChildren(...tags.map((tag) => el('option', { value: tag }, tag)));
  if (tags.includes(chosen)) select.value = chosen;
}

deleteTag.addEventListener('submit', (event) => {
  event.preventDefault();
  act('DELETE', '/api/albums', { tag: deleteTag.elements.tag.value });
});
