import { isSecretName, withoutAddressSecrets } from '../../shared/without-secrets.js';
import { maskedBy } from '../masked.js';

/**
 * The value without what would allow its reader to fetch or change an object: signatures, credentials and tokens of
 * presigned URLs, and fields of these names.
 */
export function masked(value: unknown): unknown {
  return maskedBy({ text: maskedText, isSecretName: isSecret }, value);
}

/** Also masks addresses within a text. */
export function maskedText(text: string): string {
  return withoutAddressSecrets(text, isSecret);
}

function isSecret(name: string): boolean {
  return isSecretName(name) || /key-pair-id/i.test(name);
}
