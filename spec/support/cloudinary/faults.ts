import type { ServerResponse } from 'node:http';

/** How the server fails a request instead of answering it. */
export type Fault =
  | { readonly status: number; readonly body?: string | object }
  /** Accepts and never answers. */
  | 'hang'
  /** Cuts the connection before an answer. */
  | 'reset'
  /** Cuts it within the answer. */
  | 'cut'
  /** Does what was asked, for the first half of the ids, and is silent about the others. */
  | 'half'
  /** Does what was asked, then cuts the connection: the caller cannot know. */
  | 'done but reset';

export const rateLimitText =
  'Rate Limit Exceeded. Limit of 500 api operations reached. Try again on 2031-10-04 14:00:00 UTC';

export function limited(status: 420 | 429, message = rateLimitText): Fault {
  return { status, body: { error: { message } } };
}

export const htmlBadGateway: Fault = { status: 502, body: '<html><body>502 Bad Gateway</body></html>' };

/** Plays a fault that answers nothing of what was asked; `false` when the request is to be carried out. */
export function play(fault: Fault | undefined, response: ServerResponse): boolean {
  if (fault === undefined || fault === 'half' || fault === 'done but reset') return false;
  if (fault === 'hang') return true;
  if (fault === 'reset') response.socket?.resetAndDestroy();
  else if (fault === 'cut') {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 });
    response.write('{"result":', () => response.socket?.destroy());
  } else {
    const { status, body = '' } = fault;
    response.writeHead(status, {
      'content-type': typeof body === 'string' ? 'text/html' : 'application/json',
    });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  }
  return true;
}
