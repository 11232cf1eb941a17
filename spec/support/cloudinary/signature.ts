import { createHash } from 'node:crypto';

const unsigned = ['signature', 'api_key', 'file', 'cloud_name', 'resource_type'];

/** What Cloudinary signs of an upload request: sorted `name=value` pairs, arrays joined by commas, `&` escaped since signature version 2. */
export function stringToSign(fields: ReadonlyMap<string, readonly string[]>): string {
  return [...fields]
    .map(([name, values]): [string, string] => [name.replace(/\[\]$/, ''), values.join(',')])
    .filter(([name, value]) => value !== '' && !unsigned.includes(name))
    .map(([name, value]) => `${name}=${value}`.replaceAll('&', '%26'))
    .sort()
    .join('&');
}

/** Whether the signature is SHA-1 (40 hexadecimal digits) or SHA-256 (64) over the string and the secret. */
export function isSigned(text: string, secret: string, signature: string): boolean {
  const algorithm = signature.length === 64 ? 'sha256' : 'sha1';
  return (
    createHash(algorithm)
      .update(text + secret)
      .digest('hex') === signature
  );
}
