/** `token=…` in an address, `"password": "…"` in a text. */
const NAMED_SECRET =
  /([\w.-]{0,40}(?:signature|token|secret|passw|pwd|credential|api.?key|access.?key|auth|cookie|session|sig)[\w.-]{0,40}["']?\s{0,3}[:=]\s{0,3}["']?)[^\s"'&;,#<>{}]+/gi;
const USER_IN_ADDRESS = /(\/\/)[^/@\s:]{1,256}:[^/@\s]{1,256}@/g;
/** Ids of AWS access keys. */
const ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;

/** Returns the text with everything that looks like a secret replaced by asterisks. */
export function withoutSecrets(text: string): string {
  return text.replace(NAMED_SECRET, '$1***').replace(USER_IN_ADDRESS, '$1***@').replace(ACCESS_KEY_ID, '***');
}
