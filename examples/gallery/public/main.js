import { showAlbums, showFates } from './albums.js';
import { act, formOf, tellProblem } from './api.js';
import { showBin } from './bin.js';
import { setServerTime } from './countdown.js';
import { showFiles } from './folder.js';
import { sampleAlbum, samplePicture } from './sample.js';
import { addLine, showLines } from './stream.js';

const connection = document.querySelector('#connection');
const storage = document.querySelector('#storage');
const form = document.querySelector('#create');
const drop = document.querySelector('#drop');
const dropTitle = document.querySelector('#drop-title');
const images = form.elements.images;

listen();

function listen() {
  const live = new EventSource('/api/live');
  live.addEventListener('state', ({ data }) => {
    const { albums, bin, files, fault, gracePeriod, now } = JSON.parse(data);
    setServerTime(now);
    showConnection(albums === null ? 'no MongoDB' : 'live');
    if (albums) {
      showAlbums(albums);
      showBin(bin);
      showFates(files, bin);
    }
    showFiles(files);
    showGracePeriod(gracePeriod);
    storage.querySelector(`[value="${fault}"]`).checked = true;
  });
  live.addEventListener('lines', ({ data }) => showLines(JSON.parse(data)));
  live.addEventListener('line', ({ data }) => addLine(JSON.parse(data)));
  live.addEventListener('error', () => showConnection('not connected'));
}

const CONNECTIONS = {
  live: 'Live',
  'no MongoDB': 'No connection to MongoDB: the documents may be out of date',
  'not connected': 'Not connected; trying again …',
};

function showConnection(kind) {
  connection.dataset.kind = kind;
  if (connection.textContent !== CONNECTIONS[kind]) connection.textContent = CONNECTIONS[kind];
}

function showGracePeriod(ms) {
  const text = ms === 1000 ? '1 second' : `${ms / 1000} seconds`;
  for (const place of document.querySelectorAll('[data-grace]')) place.textContent = text;
}

function showChosen() {
  const { length } = images.files;
  const some = length === 1 ? '1 image selected' : `${length} images selected`;
  dropTitle.textContent = length === 0 ? 'Drop images here, or select them' : some;
}

images.addEventListener('change', showChosen);

for (const kind of ['dragover', 'dragenter']) {
  drop.addEventListener(kind, (event) => {
    event.preventDefault();
    drop.classList.add('over');
  });
}
for (const kind of ['dragleave', 'drop']) drop.addEventListener(kind, () => drop.classList.remove('over'));
drop.addEventListener('drop', (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length > 0) images.files = event.dataTransfer.files;
  showChosen();
});
// an image that is dropped beside the field must not replace the page
for (const kind of ['dragover', 'drop']) addEventListener(kind, (event) => event.preventDefault());

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const { title, tag, owner, avatar } = form.elements;
  if (title.value.trim() === '') {
    tellProblem('Give the album a title.');
    title.focus();
    return;
  }
  const fields = { title: title.value, tag: tag.value, owner: owner.value, avatar: avatar.files[0] };
  if (!(await act('POST', '/api/albums', formOf(images.files, fields)))) return;
  form.reset();
  showChosen();
});

document.querySelector('#sample').addEventListener('click', async () => {
  const album = await sampleAlbum();
  await act('POST', '/api/albums', formOf(album.images, album.fields));
});

document.querySelector('#upload-only').addEventListener('click', async () => {
  await act('POST', '/api/uploads', formOf([await samplePicture()]));
});

storage.addEventListener('change', ({ target }) => act('PUT', '/api/storage', { fault: target.value }));
