import { isSecretName, withoutAddressSecrets, withoutPathSignature } from '../../shared/without-secrets.js';
import { maskedBy } from '../masked.js';

/**
 * The value without what would allow its reader to fetch or change an asset: signatures of delivery URLs, tokens, and
 * the signature and key in an upload result.
 */
export function masked(value: unknown): unknown {
  const text = (one: string): string => withoutPathSignature(withoutAddressSecrets(one));
  return maskedBy({ text, isSecretName }, value);
}
