const secretNames = [
  'signature',
  'api_key',
  'api_secret',
  'oauth_token',
  'delete_token',
  'access_token',
  'auth_token',
];
const deepest = 8;

/**
 * The value without what would let its reader fetch or change what he may not: signatures of delivery URLs, tokens, and the signature and key in an
 * upload result. What holds none of these is handed back as it is.
 */
export function masked(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '…';
  if (Array.isArray(value)) return value.map((one) => masked(one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Dates, ids and buffers hold no text of ours, and a copy of their properties would mean nothing.
  if (prototype !== null && prototype !== Object.prototype) return value;
  const entries = Object.entries(value).map(([name, one]) => [
    name,
    secretNames.includes(name.toLowerCase()) ? '***' : masked(one, depth + 1),
  ]);
  return Object.fromEntries(entries);
}

function maskedText(text: string): string {
  return text
    .replace(/s--[A-Za-z0-9_=-]{8,64}--/g, 's--***--')
    .replace(/([?&](?:__cld_token__|_?token|signature|api_key|api_secret)=)[^&#]*/gi, '$1***');
}
