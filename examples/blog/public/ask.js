/** Sends a request to the server. @throws an error with the server's message. */
export async function ask(method, url, body) {
  const isForm = body instanceof FormData;
  const response = await fetch(url, {
    method,
    body: isForm ? body : JSON.stringify(body),
    headers: isForm || body === undefined ? {} : { 'Content-Type': 'application/json' },
  }).catch(() => {
    throw new Error('The blog does not answer. Is it still running?');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.problem);
  return answer;
}
