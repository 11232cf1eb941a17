const SPACE = /[\t\n\f\r ]/;

/**
 * The addresses of a `srcset`, as the HTML standard reads it: an address ends at a space, so commas within it belong to it,
 * and those at its end do not.
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

/** Behind an address stand its width or density, to the next comma outside of brackets. */
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
