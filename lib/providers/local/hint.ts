import { mayBeBare, type Rules } from './folder.js';

const ADDRESS = /^(?:(https?):)?\/\/([^/?#\\@]+@)?([^/?#\\]+)([^?#]*)/i;

/** The likely reason why a value does not name a file of the folder, in words for the log; `null` if it is not known. */
export function hintFor(value: unknown, { basePath, hosts }: Rules): string | null {
  if (typeof value !== 'string' || value.length > 4096) return null;
  const base = basePath === '' ? '/' : basePath;
  const address = ADDRESS.exec(value);
  if (address) {
    const [, , , host = '', path = ''] = address;
    if (!hosts.includes(host.toLowerCase())) {
      const isWithPort = hosts.some((one) => one === host.toLowerCase().replace(/:\d+$/, ''));
      const also = isWithPort ? ', which need the port' : '';
      return `the host ${host} is not in the option "hosts" (${hosts.join(', ') || 'none'})${also}; add it if it serves this folder`;
    }
    if (path.startsWith(`${basePath}/`)) return null;
    return `its path begins with ${beginningOf(path)}, and the option "baseUrl" is ${base}`;
  }
  if (value.startsWith('/') && !value.startsWith(`${basePath}/`)) {
    return `stored values begin with ${beginningOf(value)}, and the option "baseUrl" is ${base}`;
  }
  return mayBeBare(value) || value.startsWith('/')
    ? null
    : 'it is neither the path of a file nor an address on a listed host';
}

function beginningOf(path: string): string {
  return /^\/[^/]*/.exec(path)?.[0] ?? '/';
}
