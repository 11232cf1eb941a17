const deed = document.querySelector('#deed');
const said = document.querySelector('#said');
const call = document.querySelector('#call');

/** Shows what happened, and the Mongoose call that did it. */
export function tell({ said: sentence, call: code }, kind = 'done') {
  deed.dataset.kind = kind;
  said.textContent = sentence;
  call.hidden = code === undefined;
  call.firstElementChild.textContent = code ?? '';
}

export function tellProblem(sentence) {
  tell({ said: sentence }, 'problem');
}

/** Sends a request to the server, and shows the answer. Resolves with whether it succeeded. */
export async function act(method, url, body) {
  const isForm = body instanceof FormData;
  deed.setAttribute('aria-busy', 'true');
  try {
    const response = await fetch(url, {
      method,
      body: isForm ? body : JSON.stringify(body ?? {}),
      headers: isForm ? {} : { 'Content-Type': 'application/json' },
    });
    const answer = await response.json();
    if (response.ok) tell(answer);
    else tellProblem(answer.problem);
    return response.ok;
  } catch {
    tellProblem('The gallery does not answer. Is it still running?');
    return false;
  } finally {
    deed.removeAttribute('aria-busy');
  }
}

export function formOf(images, fields = {}) {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  for (const image of images) form.append('images', image);
  return form;
}
