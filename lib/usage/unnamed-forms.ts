import type { StoredValue } from '../providers/stored-value.js';
import { fileNameOf, folded, searchedName } from './names.js';
import type { Reading } from './reading.js';

/** Forms of a file that a text may have although they do not contain the part of the name for which it is searched. */
export function formsWithoutName({
  file,
  equal,
}: {
  readonly file: Reading;
  readonly equal: readonly StoredValue[];
}): string[] {
  const { literal } = searchedName(fileNameOf(file.asset, file.provider));
  return equal.filter(
    (form): form is string =>
      typeof form === 'string' && (literal === null || !folded(form).includes(literal)),
  );
}
