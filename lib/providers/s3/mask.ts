import { maskedBy } from '../masked.js';

const SECRET =
  /signature|credential|token|secret|accesskeyid|access_key|policy|key-pair-id|password|api_?key|^sig$|^auth$|authorization/i;
const HIDDEN = '***';

/**
 * The value without what would allow its reader to fetch or change an object: signatures, credentials and tokens of
 * presigned URLs, and fields of these names.
 */
export function masked(value: unknown): unknown {
  return maskedBy({ text: maskedText, isSecretName: (name) => SECRET.test(name) }, value);
}

/** Also masks addresses within a text. */
export function maskedText(text: string): string {
  return text
    .replace(/([?&;]|&amp;)([\w.%-]+)=([^&#\s"'<>]*)/g, (...[whole, mark = '', name = '', held]: string[]) =>
      held !== '' && SECRET.test(decoded(name)) ? `${mark}${name}=${HIDDEN}` : whole!,
    )
    .replace(/(\/\/)[^/?#\s@"'<>]+@/g, `$1${HIDDEN}@`)
    .replace(/\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, HIDDEN);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
