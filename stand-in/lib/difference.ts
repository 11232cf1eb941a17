import { identical } from './compare.js';
import type { Document } from './values.js';
import { isDocument } from './values.js';

/** What changed between two versions of a document, as the `updateDescription` of a change stream. */
export function difference(before: Document, after: Document): Document {
  const updatedFields: Document = {};
  const removedFields: string[] = [];
  const truncatedArrays: Document[] = [];

  const compareValues = (path: string, old: unknown, current: unknown): void => {
    if (identical(old, current)) return;
    if (isDocument(old) && isDocument(current)) compareDocuments(`${path}.`, old, current);
    else if (Array.isArray(old) && Array.isArray(current)) compareArrays(path, old, current);
    else updatedFields[path] = current;
  };

  const compareDocuments = (prefix: string, old: Document, current: Document): void => {
    for (const field of Object.keys(current)) {
      if (field in old) compareValues(prefix + field, old[field], current[field]);
      else updatedFields[prefix + field] = current[field];
    }
    for (const field of Object.keys(old)) if (!(field in current)) removedFields.push(prefix + field);
  };

  const compareArrays = (path: string, old: unknown[], current: unknown[]): void => {
    const common = Math.min(old.length, current.length);
    const changed = current.slice(0, common).filter((item, i) => !identical(item, old[i])).length;
    // Where nothing of the array stayed, the whole of it is told.
    if (changed === common && (changed > 0 || current.length === 0)) {
      updatedFields[path] = current;
      return;
    }
    if (current.length < old.length) truncatedArrays.push({ field: path, newSize: current.length });
    current.forEach((item, i) => {
      if (i < old.length) compareValues(`${path}.${i}`, old[i], item);
      else updatedFields[`${path}.${i}`] = item;
    });
  };

  compareDocuments('', before, after);
  return { updatedFields, removedFields, truncatedArrays };
}
