/** Characters that the URL standard ignores at both ends of an address: spaces and control characters. */
// eslint-disable-next-line no-control-regex
const IGNORED_AT_ENDS = /^[\u0000-\u0020]|[\u0000-\u0020]$/;

/** Whether a browser would ignore some characters of the text. */
export function hasIgnored(text: string): boolean {
  return IGNORED_AT_ENDS.test(text) || /[\t\n\r]/.test(text);
}

/**
 * The address as a browser reads it: without spaces and control characters at both ends, and without line breaks and
 * tabs.
 */
export function withoutIgnored(text: string): string {
  if (!hasIgnored(text)) return text;
  let start = 0;
  let end = text.length;
  while (start < end && text.charCodeAt(start) <= 0x20) start++;
  while (end > start && text.charCodeAt(end - 1) <= 0x20) end--;
  return text.slice(start, end).replace(/[\t\n\r]/g, '');
}

/** Decodes a path once, as file servers and S3 do. If one escape is not valid, nothing is decoded. */
export function decodeOnce(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
