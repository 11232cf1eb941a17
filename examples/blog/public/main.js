import { ask } from './ask.js';
import { clear, insertPicture, openPost, textOf } from './editor.js';
import { addLine, showLines, showState } from './disk.js';

const form = document.querySelector('#post');
const said = document.querySelector('#said');
const connection = document.querySelector('#connection');

/** The id of the post in the editor; `null` for a new post. */
let open = null;

const tell = (sentence) => {
  said.textContent = sentence;
};

/** Sends a request, and shows the server's answer. */
async function act(method, url, body) {
  try {
    const answer = await ask(method, url, body);
    if (answer.said) tell(answer.said);
    return answer;
  } catch (error) {
    tell(error.message);
    return undefined;
  }
}

function startNew() {
  open = null;
  form.reset();
  clear();
}

async function edit(id) {
  const post = await act('GET', `/api/posts/${id}`);
  if (!post) return;
  open = id;
  form.elements.title.value = post.title;
  openPost(post.body);
  tell(`You are editing “${post.title}”.`);
}

async function remove(id) {
  if ((await act('DELETE', `/api/posts/${id}`)) && id === open) startNew();
}

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  const post = { title: form.elements.title.value, body: textOf() };
  const answer = await (open === null
    ? act('POST', '/api/posts', post)
    : act('PUT', `/api/posts/${open}`, post));
  if (answer) open = answer.id;
});
document.querySelector('#new').addEventListener('click', startNew);
document.querySelector('#image').addEventListener('change', async ({ target }) => {
  const upload = new FormData();
  upload.append('images', target.files[0]);
  target.value = '';
  const answer = await act('POST', '/api/images', upload);
  if (answer) insertPicture(answer.images[0]);
});

const live = new EventSource('/api/live');
live.addEventListener('state', ({ data }) => {
  connection.textContent = 'Live';
  showState(JSON.parse(data), { edit, remove, insert: insertPicture });
});
live.addEventListener('lines', ({ data }) => showLines(JSON.parse(data)));
live.addEventListener('line', ({ data }) => addLine(JSON.parse(data)));
live.addEventListener('error', () => {
  connection.textContent = 'Not connected; trying again …';
});
