import type { StorageProvider, StoredForms } from '../providers/provider.js';
import { comparable, isSameValue, type StoredValue } from '../providers/stored-value.js';
import { addTo } from '../shared/groups.js';
import { fileNameOf, searchedName, type Searched } from './names.js';
import { identityOf, kindOf, type Reading } from './meaning.js';

/** An asset that is asked about, in the forms of every provider that reaches its storage. */
export class FormsOf<T extends Reading> {
  readonly file: T;
  readonly equal: readonly StoredValue[];
  readonly prefixes: readonly string[];
  readonly addresses: readonly string[];
  readonly objects: Readonly<Record<string, readonly StoredValue[]>>;
  readonly scan: readonly string[];
  readonly scanObjects: readonly string[];
  #searched: Searched | undefined;

  constructor(
    file: T,
    { equal, prefixes = [], addresses = [], objects = {}, scan = [], scanObjects = [] }: StoredForms,
  ) {
    this.file = file;
    this.equal = equal;
    this.prefixes = prefixes;
    this.addresses = addresses;
    this.objects = objects;
    this.scan = scan;
    this.scanObjects = scanObjects;
  }

  /** Computed only if the name is searched for, which is not so for thousands of files. */
  get searched(): Searched {
    const { asset, provider } = this.file;
    return (this.#searched ??= searchedName(fileNameOf(asset, provider)));
  }

  /** Whether a search for the name finds the form. */
  isNamedIn(form: StoredValue): boolean {
    const { literal } = this.searched;
    if (typeof form !== 'string' || literal === null) return false;
    return form.includes(literal) || lowered(form).includes(literal);
  }

  /** Forms that a text may have although a search for the name does not find them. */
  get withoutName(): string[] {
    return this.equal.filter((form) => typeof form === 'string').filter((form) => !this.isNamedIn(form));
  }
}

/** A batch of assets with their forms, created once for all collections of the scope. */
export class BatchOfForms<T extends Reading> {
  readonly files: readonly T[];
  readonly forms: readonly FormsOf<T>[];
  /** Whether there are files that only a scan finds, since the beginnings of their values say nothing about the file. */
  readonly hasScans: boolean;
  readonly #byIdentity = new Map<string, T[]>();
  #index: FormIndex<T> | undefined;
  #areAllNamed: boolean | undefined;

  constructor(files: readonly T[], readers: readonly StorageProvider[]) {
    this.files = files;
    const all = [...new Set(readers)];
    this.forms = files.map((file) => new FormsOf(file, formsOf(file, all)));
    this.hasScans = this.forms.some(({ scan }) => scan.length > 0);
    for (const file of files) addTo(this.#byIdentity, identityOf(file), file);
  }

  /** Whether every form of every file contains a part of its name for which texts can be searched. */
  get areAllNamed(): boolean {
    return (this.#areAllNamed ??= this.forms.every(({ withoutName }) => withoutName.length === 0));
  }

  formsOf(files: readonly T[]): readonly FormsOf<T>[] {
    if (files.length === this.files.length) return this.forms;
    const wanted = new Set(files);
    return this.forms.filter(({ file }) => wanted.has(file));
  }

  /** The files that a reading of a value means. */
  meantBy(reading: Reading): readonly T[] {
    return this.#byIdentity.get(identityOf(reading)) ?? [];
  }

  /** The files of which a value is a form, whatever it means to its readers. */
  askedBy(value: unknown): readonly T[] {
    if (value === null) return [];
    const index = (this.#index ??= new FormIndex(this.forms));
    if (typeof value === 'string') return index.filesOf(value);
    const equal = index.equalTo(value);
    if (equal.length > 0 || typeof value !== 'object') return equal;
    return this.forms.filter((one) => isObjectOf(value, one)).map(({ file }) => file);
  }
}

/** Files by their forms. Created when a value is found that its own readers do not understand. */
class FormIndex<T extends Reading> {
  readonly #byForm = new Map<unknown, T[]>();
  readonly #byAddress = new Map<string, T[]>();
  readonly #byPrefix = new Map<string, T[]>();
  readonly #prefixLengths: readonly number[];

  constructor(forms: readonly FormsOf<T>[]) {
    for (const { file, equal, prefixes, addresses } of forms) {
      for (const form of equal) addTo(this.#byForm, comparable(form), file);
      for (const address of addresses) addTo(this.#byAddress, address, file);
      for (const prefix of prefixes) addTo(this.#byPrefix, prefix, file);
    }
    this.#prefixLengths = [...new Set([...this.#byPrefix.keys()].map(({ length }) => length))];
  }

  equalTo(value: unknown): readonly T[] {
    return this.#byForm.get(comparable(value)) ?? [];
  }

  filesOf(value: string): readonly T[] {
    const files = this.#byForm.get(value);
    if (files) return files;
    const addresses = [...value.matchAll(/[?#]/g)].map(({ index }) => value.slice(0, index));
    return [
      ...addresses.flatMap((address) => this.#byAddress.get(address) ?? []),
      ...this.#prefixLengths.flatMap((length) => this.#byPrefix.get(value.slice(0, length)) ?? []),
    ];
  }
}

function formsOf({ asset, provider }: Reading, readers: readonly StorageProvider[]): StoredForms {
  const kind = kindOf(provider);
  return readers
    .filter((reader) => reader !== provider && kindOf(reader) === kind)
    .reduce((forms, reader) => merged(forms, reader.forms(asset)), provider.forms(asset));
}

function merged(one: StoredForms, other: StoredForms): StoredForms {
  const both = <V>(of: (forms: StoredForms) => readonly V[] | undefined): V[] =>
    unique([...(of(one) ?? []), ...(of(other) ?? [])]);
  const paths = both(({ objects = {} }) => Object.keys(objects));
  return {
    equal: both(({ equal }) => equal),
    prefixes: both(({ prefixes }) => prefixes),
    addresses: both(({ addresses }) => addresses),
    objects: Object.fromEntries(paths.map((path) => [path, both(({ objects }) => objects?.[path])])),
    scan: both(({ scan }) => scan),
    scanObjects: both(({ scanObjects }) => scanObjects),
  };
}

function isObjectOf(value: object, { objects }: FormsOf<Reading>): boolean {
  return Object.entries(objects).some(([path, values]) =>
    values.some((one) => isSameValue(one, at(value, path))),
  );
}

function at(value: object, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((node, name) => (node as Record<string, unknown> | null | undefined)?.[name], value);
}

function unique<V>(values: readonly V[]): V[] {
  return [...new Map(values.map((one) => [comparable(one), one])).values()];
}

/**
 * Converts only the letters that an expression of MongoDB compares without regard to case; `K` (Kelvin) is not among
 * them.
 */
function lowered(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}
