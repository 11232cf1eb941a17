import type { Addresses } from './addresses.js';

/** The likely reason why a value does not name an object of the bucket, in words for the log; `null` if it is not known. */
export function hintFor(value: unknown, { bucket, region, endpoint, hosts }: Addresses): string | null {
  if (typeof value !== 'string' || value.length > 8192) return null;
  const [, host] = /^(?:https?:)?\/\/(?:[^/?#@]*@)?([^/?#\\]+)/i.exec(value) ?? [];
  if (host === undefined) return null;
  const isAws = /(?:^|\.)s3[.-](?:[a-z0-9-]+\.)*amazonaws\.com(?:\.cn)?$/i.test(host);
  if (endpoint === null && isAws) {
    return `the bucket is "${bucket}" in ${region ?? 'a region that is not known'}; give the option "region" if documents name another`;
  }
  const known = [...(endpoint ? [endpoint.host] : []), ...hosts];
  if (known.includes(host.toLowerCase())) return `the bucket is "${bucket}"`;
  return `the host ${host} is not in the option "hosts" (${hosts.join(', ') || 'none'}); add it if it serves this bucket`;
}
