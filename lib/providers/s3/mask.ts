const SECRET =
  /signature|credential|token|secret|accesskeyid|access_key|policy|key-pair-id|password|api_?key|^sig$|^auth$|authorization/i;
const HIDDEN = '***';
const deepest = 8;

/**
 * The value without what would let its reader fetch or change what he may not: signatures, credentials and tokens of presigned URLs, and
 * fields of those names. What holds none of these is handed back as it is.
 */
export function masked(value: unknown, depth = 0): unknown {
  if (typeof value === 'string') return maskedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth > deepest) return '…';
  if (Array.isArray(value)) return value.map((one) => masked(one, depth + 1));
  const prototype: unknown = Object.getPrototypeOf(value);
  // Dates, ids and buffers hold no text of ours, and a copy of their properties would mean nothing
  if (prototype !== null && prototype !== Object.prototype) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]) => [name, SECRET.test(name) ? HIDDEN : masked(one, depth + 1)]),
  );
}

/** Also of a text that mentions such addresses. */
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
