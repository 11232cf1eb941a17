import type { StorageProvider, StoredForms } from '../providers/provider.js';
import { comparable, isSameValue, type StoredValue } from '../providers/stored-value.js';
import { identityOf, kindOf, type Reading } from './reading.js';
import { formsWithoutName } from './unnamed-forms.js';

/** An asset that is asked about, in the forms of every provider that reaches its storage. */
export interface FormsOf<T extends Reading> {
  readonly file: T;
  readonly equal: readonly StoredValue[];
  readonly prefixes: readonly string[];
  /** Forms that a query or a fragment may follow. */
  readonly addresses: readonly string[];
  /** Sub-path of an object → whole values. */
  readonly objects: Readonly<Record<string, readonly StoredValue[]>>;
  readonly scan: readonly string[];
  readonly scanObjects: readonly string[];
}

/** A batch of assets with their forms, created once for all collections of the scope. */
export class BatchOfForms<T extends Reading> {
  readonly files: readonly T[];
  readonly forms: readonly FormsOf<T>[];
  readonly #byIdentity = new Map<string, T[]>();
  #index: FormIndex<T> | undefined;
  #areAllNamed: boolean | undefined;

  constructor(files: readonly T[], readers: readonly StorageProvider[]) {
    this.files = files;
    this.forms = files.map((file) => formsOf(file, readers));
    for (const file of files) addTo(this.#byIdentity, identityOf(file), file);
  }

  /** Whether there are files that only a scan finds, since the beginnings of their values say nothing about the file. */
  get hasScans(): boolean {
    return this.forms.some(({ scan }) => scan.length > 0);
  }

  /** Whether every form of every file contains a part of its name for which texts can be searched. */
  get areAllNamed(): boolean {
    return (this.#areAllNamed ??= this.forms.every((one) => formsWithoutName(one).length === 0));
  }

  /** The forms of some of the files. */
  formsOf(files: readonly T[]): readonly FormsOf<T>[] {
    if (files.length === this.files.length) return this.forms;
    const wanted = new Set(files);
    return this.forms.filter(({ file }) => wanted.has(file));
  }

  /** The files that a reading of a value means. */
  meantBy(reading: Reading): readonly T[] {
    return this.#byIdentity.get(identityOf(reading)) ?? [];
  }

  get #indexed(): FormIndex<T> {
    return (this.#index ??= new FormIndex(this.forms));
  }

  /** The files of which a value is a form, whatever it means to its readers. */
  askedBy(value: unknown): readonly T[] {
    if (typeof value === 'string') return this.#indexed.filesOf(value);
    if (typeof value !== 'object' || value === null) {
      return value === null ? [] : this.#indexed.equalTo(value);
    }
    const equal = this.#indexed.equalTo(value);
    if (equal.length > 0) return equal;
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

function formsOf<T extends Reading>(file: T, readers: readonly StorageProvider[]): FormsOf<T> {
  const kind = kindOf(file.provider);
  const alike = [...new Set([file.provider, ...readers])].filter((reader) => kindOf(reader) === kind);
  const all = alike.map((reader) => reader.forms(file.asset));
  const [one, ...others] = all;
  if (one && others.length === 0) return only(file, one);
  return {
    file,
    equal: unique(all.flatMap(({ equal }) => equal)),
    prefixes: unique(all.flatMap(({ prefixes = [] }) => prefixes)),
    addresses: unique(all.flatMap(({ addresses = [] }) => addresses)),
    objects: mergedObjects(all),
    scan: unique(all.flatMap(({ scan = [] }) => scan)),
    scanObjects: unique(all.flatMap(({ scanObjects = [] }) => scanObjects)),
  };
}

/** The usual case, without the cost of merging. */
function only<T extends Reading>(file: T, forms: StoredForms): FormsOf<T> {
  const { equal, prefixes = [], addresses = [], objects = {}, scan = [], scanObjects = [] } = forms;
  return { file, equal, prefixes, addresses, objects, scan, scanObjects };
}

function mergedObjects(all: readonly StoredForms[]): FormsOf<Reading>['objects'] {
  const merged = new Map<string, readonly StoredValue[]>();
  for (const { objects = {} } of all) {
    for (const [path, values] of Object.entries(objects)) {
      merged.set(path, unique([...(merged.get(path) ?? []), ...values]));
    }
  }
  return Object.fromEntries(merged);
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

function addTo<K, T>(groups: Map<K, T[]>, key: K, one: T): void {
  const group = groups.get(key);
  if (group) group.push(one);
  else groups.set(key, [one]);
}
