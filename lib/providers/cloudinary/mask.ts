import { maskedBy } from '../masked.js';

const secretNames = [
  'signature',
  'api_key',
  'api_secret',
  'oauth_token',
  'delete_token',
  'access_token',
  'auth_token',
];

/**
 * The value without what would allow its reader to fetch or change an asset: signatures of delivery URLs, tokens, and
 * the signature and key in an upload result.
 */
export function masked(value: unknown): unknown {
  const isSecretName = (name: string): boolean => secretNames.includes(name.toLowerCase());
  return maskedBy({ text: maskedText, isSecretName }, value);
}

function maskedText(text: string): string {
  return text
    .replace(/s--[A-Za-z0-9_=-]{8,64}--/g, 's--***--')
    .replace(/([?&](?:__cld_token__|_?token|signature|api_key|api_secret)=)[^&#]*/gi, '$1***');
}
