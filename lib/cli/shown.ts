import { textOfId } from '../journal/document-id.js';
import { withoutSecrets, withoutUser } from '../shared/without-secrets.js';
import { count, oneLine } from './numbers.js';

/** A message without the URI, which may contain a password and which a driver may repeat. */
export function withoutUri(message: string, uri: string | undefined): string {
  const whole = uri === undefined ? message : message.split(uri).join('<uri>');
  return withoutUser(whole);
}

/** A stored value on one line. */
export function shownValue(value: unknown): string {
  if (value === undefined) return 'no value';
  const text = typeof value === 'string' ? value : (JSON.stringify(value) as string | undefined);
  return oneLine(withoutSecrets(text ?? String(value)));
}

/** `65f0…`, or `65f0… and 12 more`. */
export function shownDocuments(ids: readonly unknown[]): string {
  if (ids.length === 0) return '';
  const more = ids.length > 1 ? ` and ${count(ids.length - 1)} more` : '';
  return `${oneLine(textOfId(ids[0]))}${more}`;
}
