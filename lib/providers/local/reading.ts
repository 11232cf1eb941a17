import type { KeptReason } from '../provider.js';
import { decodeOnce, hasIgnored, withoutIgnored } from '../address.js';
import { uploadResultOf, type UploadResult } from '../upload-result.js';
import { isBare, isDrive, type Beginning, type Rules, mayHaveQuery } from './folder.js';
import { isWritten } from './forms.js';
import { hasControl, problemOf, resolved, withoutEndSlashes } from './names.js';
import { possibleNames } from './possible.js';

/** What a stored value says about files of the folder. Names are paths below the root, with `/`. */
export interface Reading {
  /**
   * The file that the value means in one of its forms; `null` if it is not such a form, or could mean other files as
   * well.
   */
  readonly name: string | null;
  /** Why there is no certain file; `null` also if the value does not belong to this folder. */
  readonly refusal: KeptReason | null;
}

/** Longer than every path; only a query can follow. */
const LONGEST = 4096;

const NOT_OURS: Reading = { name: null, refusal: null };

export function readValue(value: unknown, rules: Rules): Reading {
  if (typeof value === 'string') return readText(value, rules);
  const result = uploadResultOf(value);
  return result ? readResult(result, rules) : NOT_OURS;
}

/** Every file that the value could mean, the certain one first. */
export function namesIn(value: unknown, rules: Rules): string[] {
  if (typeof value === 'string') return namesInText(value, rules);
  const result = uploadResultOf(value);
  if (!result) return [];
  const { name } = readResult(result, rules);
  const all = stringsOf(result).flatMap(({ text }) => namesInText(text, rules));
  return [...new Set(name === null ? all : [name, ...all])];
}

function readText(value: string, rules: Rules): Reading {
  const head = headOf(value);
  if (!head) return NOT_OURS;
  const found = certain(head, rules);
  return found ? { name: found.name, refusal: null } : { name: null, refusal: refusalOf(head.text, rules) };
}

function namesInText(value: string, rules: Rules): string[] {
  const head = headOf(value);
  if (!head) return [];
  const found = certain(head, rules);
  return [...new Set([...(found ? [found.name] : []), ...possibleNames(head.text, rules)])];
}

/** The part of a value that can name a file. `isCut`: a query follows that is too long to belong to a name. */
interface Head {
  readonly text: string;
  readonly isCut: boolean;
}

function headOf(value: string): Head | null {
  if (value === '') return null;
  if (value.length <= LONGEST) return { text: value, isCut: false };
  const text = value.slice(0, LONGEST);
  const end = text.search(/[?#]/);
  return end < 1 ? null : { text: text.slice(0, end), isCut: true };
}

/** The name of which the text is a form. `isWhole`: nothing follows it. */
interface Certain {
  readonly name: string;
  readonly isWhole: boolean;
}

/** Accepts only texts that `formsOf` returns, so that the "still used?" question can ask for them. */
function certain({ text, isCut }: Head, rules: Rules): Certain | null {
  if (hasIgnored(text)) return null;
  for (const beginning of rules.beginnings) {
    if (!text.startsWith(beginning.text) || (isCut && !mayHaveQuery(beginning))) continue;
    if (beginning.text === '' && (!isBare(text) || beginning.writing === 'escaped')) continue;
    const found = certainAfter(beginning, text.slice(beginning.text.length), rules);
    if (found) return { ...found, isWhole: found.isWhole && !isCut };
  }
  return null;
}

function certainAfter(beginning: Beginning, rest: string, rules: Rules): Certain | null {
  const isAddress = mayHaveQuery(beginning);
  const end = isAddress ? rest.search(/[?#]/) : -1;
  const written = end === -1 ? rest : rest.slice(0, end);
  const name = isAddress
    ? decodeOnce(written)
    : beginning.writing === 'windows'
      ? written.replaceAll('\\', '/')
      : written;
  if (name.includes('\\') || hasControl(name) || problemOf(name, rules) !== null) return null;
  return isWritten(written, name, beginning) ? { name, isWhole: end === -1 } : null;
}

/** Why a text that is not a form of a file is refused. */
function refusalOf(value: string, rules: Rules): KeptReason | null {
  const text = withoutIgnored(value);
  const known = rules.beginnings.find(
    (one) => one.text !== '' && one.text !== './' && text.startsWith(one.text),
  );
  const path = likeliestPath(text, known);
  const name = path === null ? null : resolved(path);
  const problem = name === null ? 'outside' : problemOf(name, rules);
  const isOurs = known !== undefined || isBare(text) || isDrive(text) || isFolderItself(text, rules);
  if (isOurs && problem === 'outside') return 'unsafe';
  if (possibleNames(value, rules).length > 0) return 'not canonical';
  return isOurs && problem === null ? 'unsafe' : null;
}

/** The path that a browser asks for, or that the app opens. */
function likeliestPath(text: string, beginning: Beginning | undefined): string | null {
  if (beginning === undefined) return isDrive(text) ? null : text.replaceAll('\\', '/');
  const rest = text.slice(beginning.text.length).replaceAll('\\', '/');
  return mayHaveQuery(beginning) ? decodeOnce(rest.replace(/[?#].*$/s, '')) : rest;
}

function isFolderItself(text: string, { root, realRoot, basePath, beginnings }: Rules): boolean {
  const path = withoutEndSlashes(text);
  if (path === '') return false;
  return [root, realRoot, basePath].includes(path) || beginnings.some((one) => one.text === `${path}/`);
}

/** A string of an upload result. `isAsked`: if it is a form of a name, the question finds it by equality. */
interface Part {
  readonly text: string;
  readonly isAsked: (found: Certain) => boolean;
}

function stringsOf({ addresses, destination, filename }: UploadResult): Part[] {
  const parts: Part[] = Object.values(addresses).map((text) => ({ text, isAsked: (found) => found.isWhole }));
  if (destination === null || filename === null) return parts;
  const text = `${withoutEndSlashes(destination.slice(0, LONGEST))}/${filename.slice(0, LONGEST)}`;
  const isLast = ({ name }: Certain): boolean => name.slice(name.lastIndexOf('/') + 1) === filename;
  return [...parts, { text, isAsked: isLast }];
}

/** The strings of an upload result that lead to this folder must all mean one file, and none may lead to another host. */
function readResult(result: UploadResult, rules: Rules): Reading {
  const read = stringsOf(result).map((part) => {
    const head = headOf(part.text);
    return { ...part, found: head && certain(head, rules), names: namesInText(part.text, rules) };
  });
  const known = read.filter(({ names }) => names.length > 0);
  if (known.length === 0) {
    const isUnsafe = read.some(({ text }) => readText(text, rules).refusal === 'unsafe');
    return { name: null, refusal: isUnsafe ? 'unsafe' : null };
  }
  const certainOnes = known.flatMap(({ found }) => (found ? [found.name] : []));
  const [name] = certainOnes;
  const isElsewhere = read.some(({ text, names }) => names.length === 0 && /^(?:https?:)?\/\//i.test(text));
  const agrees = known.every(({ found, names }) => name !== undefined && (found?.name ?? names[0]) === name);
  if (name === undefined) {
    const isOne = new Set(known.flatMap(({ names }) => names)).size === 1;
    return { name: null, refusal: isOne && !isElsewhere ? 'not canonical' : 'ambiguous' };
  }
  if (!agrees || isElsewhere) return { name: null, refusal: 'ambiguous' };
  const isAsked = known.some((part) => part.found !== null && part.isAsked(part.found));
  return isAsked ? { name, refusal: null } : { name: null, refusal: 'not canonical' };
}
