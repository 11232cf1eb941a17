import type { ServerResponse } from 'node:http';
import type { Operation } from './operations.js';

/** How requests of one kind fail instead of being answered. */
export interface Fault {
  readonly operation: Operation;
  /** Only for this key. */
  readonly key?: string;
  /**
   * The code of an error of S3; or what no server says: `'reset'` cuts the connection, `'hang'` never answers, `'done but reset'` does
   * what was asked and then cuts the connection, `'html'` answers with a page that is no XML.
   */
  readonly code: string;
  /** Default: 503. */
  readonly status?: number;
  /** How many requests fail so. Default: 1. */
  readonly times?: number;
}

/** Faults that are still to happen. */
export class Faults {
  #waiting: { fault: Fault; left: number }[] = [];

  add(fault: Fault): void {
    this.#waiting.push({ fault, left: fault.times ?? 1 });
  }

  clear(): void {
    this.#waiting = [];
  }

  /** The fault of this request; it counts as having happened. */
  take(operation: Operation, key: string): Fault | undefined {
    const found = this.#waiting.find(
      ({ fault, left }) => left > 0 && fault.operation === operation && (fault.key ?? key) === key,
    );
    if (found === undefined) return undefined;
    found.left--;
    return found.fault;
  }
}

/** Plays a fault that no XML tells; `false` where an error of S3 is to be answered. */
export function play({ code, status = 503 }: Fault, response: ServerResponse): boolean {
  if (code === 'hang') return true;
  if (code === 'html') {
    response.writeHead(status, { 'content-type': 'text/html' });
    response.end('<html><body>the service is not here</body></html>');
    return true;
  }
  if (code !== 'reset' && code !== 'done but reset') return false;
  response.socket?.resetAndDestroy();
  return true;
}
