const SPACE = /[\t\n\f\r ]/;

/**
 * The addresses of a `srcset`, as defined by the HTML standard: an address ends at a space, so that commas within it
 * belong to it, but commas at its end do not.
 */
export function* addressesInSrcset(srcset: string): Generator<string> {
  let at = 0;
  while (at < srcset.length) {
    while (at < srcset.length && (srcset[at] === ',' || SPACE.test(srcset[at]!))) at++;
    const start = at;
    while (at < srcset.length && !SPACE.test(srcset[at]!)) at++;
    let end = at;
    while (end > start && srcset[end - 1] === ',') end--;
    if (end > start) yield srcset.slice(start, end);
    if (end === at) at = endOfDescriptors(srcset, at);
  }
}

/** The width or density follows the address, up to the next comma outside of brackets. */
function endOfDescriptors(srcset: string, from: number): number {
  let isBracketed = false;
  for (let at = from; at < srcset.length; at++) {
    const char = srcset[at];
    if (char === '(') isBracketed = true;
    else if (char === ')') isBracketed = false;
    else if (char === ',' && !isBracketed) return at;
  }
  return srcset.length;
}
