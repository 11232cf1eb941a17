/*
 * What is secret in a text. A storage adds only what is its own.
 *
 * `withoutSecrets` is for texts that people read, and hides too much rather than too little. Values that the app gets
 * back in events keep whatever is not certainly a secret: `withoutAddressSecrets`.
 */

const HIDDEN = '***';
const SECRET_WORD =
  /signature|token|secret|passw|pwd|credential|api.?key|access.?key|auth|cookie|session|sig|policy/i;
/** `token=…` in a text, `"password": "…"` in JSON, of which a value in quotes may contain spaces. */
const NAMED_SECRET = new RegExp(
  `([\\w.-]{0,40}(?:${SECRET_WORD.source})[\\w.-]{0,40}["']?\\s{0,3}[:=]\\s{0,3})` +
    `("(?:[^"\\\\]|\\\\.)+"?|'(?:[^'\\\\]|\\\\.)+'|["']?[^\\s"'&;,#<>{}]+)`,
  'gi',
);
const PARAMETER = /([?&;]|&amp;)([\w.%-]+)=([^&#\s"'<>]*)/g;
/** Up to the last @ before the path, since a password may contain one. */
const USER_IN_ADDRESS = /(\/\/)[^/\s"<>]{1,512}@/g;
const AWS_ACCESS_KEY_ID = /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g;
/** Cloudinary's signature in the path of an address. */
const SIGNATURE_IN_PATH = /\bs--[\w=-]{4,64}--/g;
const SECRET_NAME =
  /signature|credential|token|secret|access_?key|policy|passw|api_?key|^sig$|^auth$|authorization/i;

/** Returns the text with everything that looks like a secret replaced by asterisks. */
export function withoutSecrets(text: string): string {
  const inAddresses = withoutAddressSecrets(withoutHeaders(text), (name) => SECRET_WORD.test(name));
  return withoutPathSignature(inAddresses).replace(
    NAMED_SECRET,
    (...[, name = '', value = '']: string[]) => name + hiddenInQuotes(value),
  );
}

/** Keeps the quotes, so that JSON stays readable. */
function hiddenInQuotes(value: string): string {
  return value.replace(/^(["']?).*?(["']?)$/s, `$1${HIDDEN}$2`);
}

/** Whether a parameter of an address, or a property of an object, has a secret under this name. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The text without secret parameters, users and access keys in the addresses in it. */
export function withoutAddressSecrets(text: string, isSecret = isSecretName): string {
  const shown = text.replace(PARAMETER, (...[whole = '', mark = '', name = '', held = '']: string[]) =>
    held !== '' && isSecret(decoded(name)) ? `${mark}${name}=${HIDDEN}` : whole,
  );
  return withoutUser(shown).replace(AWS_ACCESS_KEY_ID, HIDDEN);
}

/** The text without users and passwords in the addresses in it. */
export function withoutUser(text: string): string {
  return text.replace(USER_IN_ADDRESS, `$1${HIDDEN}@`);
}

export function withoutPathSignature(text: string): string {
  return text.replace(SIGNATURE_IN_PATH, `s--${HIDDEN}--`);
}

/** A message without these secrets, and without what it may repeat from a request: headers and hashes. */
export function withoutKnownSecrets(message: string, known: readonly string[]): string {
  const unnamed = known.reduce((text, secret) => text.split(secret).join(HIDDEN), message);
  return withoutHeaders(unnamed).replace(/\b(?:[0-9a-f]{64}|[0-9a-f]{40})\b/gi, HIDDEN);
}

function withoutHeaders(text: string): string {
  return text.replace(/\b(Basic|Bearer) [A-Za-z0-9+/=._~-]+/g, `$1 ${HIDDEN}`);
}

function decoded(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}
