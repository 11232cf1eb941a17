import { allowFolder, allowKind } from './allowed.js';
import { extensionOf, foldersOf, hasKinds, kindOfName, NO_EXTENSION } from './file-kinds.js';
import { globOf } from './patterns.js';
import type { Refusal } from './report.js';
import { nameOf, type Listed, type SweepRun } from './run.js';
import type { Storage } from './storages.js';

/**
 * How many folders, and kinds, are listed by name. Files of further ones are counted together, so that memory stays
 * bounded.
 */
const MOST_GROUPS = 1000;
/** How many spellings of an extension, and names of files without one, are offered as patterns. */
const MOST_PATTERNS = 4;

/** Orphans of one kind, or in one folder. */
class Group {
  files = 0;
  readonly patterns = new Set<string>();
  readonly example: string;

  constructor(example: string) {
    this.example = example;
  }
}

class Groups {
  readonly #groups = new Map<string, Group>();
  /** Number of files of groups beyond the limit. */
  further = 0;

  /** `pattern`: a glob that excludes the file, unless there are too many patterns. */
  add(name: string, { file, pattern }: { file: string; pattern: string }): void {
    let group = this.#groups.get(name);
    if (!group) {
      if (this.#groups.size >= MOST_GROUPS) {
        this.further++;
        return;
      }
      group = new Group(file);
      this.#groups.set(name, group);
    }
    group.files++;
    if (group.patterns.size <= MOST_PATTERNS) group.patterns.add(pattern);
  }

  /** The groups with the most files first. */
  all(): [name: string, group: Group][] {
    return [...this.#groups].sort(
      ([one, { files }], [other, { files: more }]) => more - files || (one < other ? -1 : 1),
    );
  }
}

/** Groups orphans by what is wrong with them. */
class Sorter {
  readonly kinds = new Groups();
  readonly folders = new Groups();
  readonly allowed = { kinds: 0, folders: 0 };
  readonly #run: SweepRun;

  constructor(run: SweepRun) {
    this.#run = run;
  }

  /** Returns `true` if nothing is wrong with the file, or it is allowed. */
  isExplained(name: string, storage: Storage): boolean {
    const isKindRight = this.#isKindRight(name, storage);
    return this.#isFolderRight(name, storage) && isKindRight;
  }

  #isKindRight(name: string, storage: Storage): boolean {
    const kind = kindOfName(name);
    if (!hasKinds(storage.provider) || this.#run.used.of(storage).isKindStored(kind)) return true;
    const isAllowed = this.#run.options.allow.hasKind(kind);
    if (isAllowed) this.allowed.kinds++;
    else this.kinds.add(kind, { file: name, pattern: patternOfKind(name) });
    return isAllowed;
  }

  #isFolderRight(name: string, storage: Storage): boolean {
    const places = this.#run.used.of(storage);
    const folder = [...foldersOf(name)].find((one) => !places.isFolderUsed(one));
    if (folder === undefined) return true;
    const isAllowed = this.#run.options.allow.hasFolder(name.slice(0, name.lastIndexOf('/')));
    if (isAllowed) this.allowed.folders++;
    else this.folders.add(folder, { file: name, pattern: `${globOf(folder)}/**` });
    return isAllowed;
  }
}

/**
 * Refuses orphans that no upload explains: kinds of files that no stored value has, and folders in which no file is
 * used while files in others are. If no file of a storage is used at all, `no-references` refuses the storage as a
 * whole. Returns the number of orphans without these files.
 */
export function refuseForeign(run: SweepRun, orphans: readonly Listed[]): number {
  const sorter = new Sorter(run);
  let explained = 0;
  for (const listed of orphans) {
    const { storage, candidates } = listed;
    if (!run.used.of(storage).isUsed) explained += candidates.length;
    else for (const name of namesOf(listed)) if (sorter.isExplained(name, storage)) explained++;
  }
  const { kinds, folders, allowed } = sorter;
  const further = [furtherOf('foreign-kind', kinds), furtherOf('unused-folder', folders)];
  // before the refusals that can be overridden, since these orphans may be the only cause
  run.refusals.unshift(
    ...kinds.all().map(refusalOfKind),
    ...folders.all().map(refusalOfFolder),
    ...further.filter((one) => one !== undefined),
  );
  noteAllowed(run, allowed);
  return explained;
}

function* namesOf({ storage: { provider }, candidates }: Listed): Generator<string> {
  for (const { key } of candidates) yield nameOf({ provider: provider.name, key }, provider);
}

function patternOfKind(name: string): string {
  const extension = extensionOf(name);
  return extension === NO_EXTENSION ? globOf(name) : `**/*${extension}`;
}

function refusalOfKind([kind, group]: [string, Group]): Refusal {
  const { files, example } = group;
  const what = kind === NO_EXTENSION ? 'no extension' : `the extension ${kind}`;
  const have = files === 1 ? 'unused file has' : 'unused files have';
  return {
    reason: 'foreign-kind',
    message: `${String(files)} ${have} ${what}, which no stored value has; ${files === 1 ? 'it may not be an upload' : 'they may not be uploads'} (${exampleOf(files, example)})`,
    override: overrideOf(allowKind(kind), group),
    name: kind,
    files,
  };
}

function refusalOfFolder([folder, group]: [string, Group]): Refusal {
  const { files, example } = group;
  const lie = files === 1 ? 'unused file lies' : 'unused files lie';
  return {
    reason: 'unused-folder',
    message:
      `${String(files)} ${lie} in ${folder}/, where no file is used, while files in other folders are; the unused ones may not be uploads, or may be ` +
      `derived from files in use (${exampleOf(files, example)})`,
    override: overrideOf(allowFolder(globOf(folder)), group),
    name: folder,
    files,
  };
}

function exampleOf(files: number, example: string): string {
  return files === 1 ? example : `such as ${example}`;
}

function overrideOf(allow: string, { patterns }: Group): string {
  const exclude = [...patterns].map((one) => `--exclude ${shellWord(one)}`).join(' ');
  const leave = patterns.size > MOST_PATTERNS ? '' : `${exclude} to keep them, or `;
  return `${leave}--allow ${shellWord(allow)} to remove them`;
}

function furtherOf(reason: 'foreign-kind' | 'unused-folder', groups: Groups): Refusal | undefined {
  if (groups.further === 0) return undefined;
  const [what, such] =
    reason === 'foreign-kind' ? ['kinds', '.html'] : ['folders', "'users/*' (a pattern allows many at once)"];
  return {
    reason,
    message: `${String(groups.further)} unused files belong to further ${what}; only the first ${String(MOST_GROUPS)} ${what} are listed`,
    override: `use --exclude or --allow ${reason}: for those above, such as ${such}, and run it again`,
    files: groups.further,
  };
}

function noteAllowed(run: SweepRun, { kinds, folders }: { kinds: number; folders: number }): void {
  const note = (files: number, what: string, reason: string): void => {
    if (files > 0) run.notes.push(`${String(files)} of the orphans ${what} (allowed by --allow ${reason}:…)`);
  };
  note(kinds, 'are of kinds that no stored value has', 'foreign-kind');
  note(folders, 'lie in folders in which no file is used', 'unused-folder');
}

/** Quotes a word for a POSIX shell. Control characters become `?`, which matches any character in a pattern. */
function shellWord(word: string): string {
  // eslint-disable-next-line no-control-regex
  const shown = word.replace(/[\u0000-\u001f\u007f]/g, '?');
  return /^[\w./:=@%+,-]+$/.test(shown) ? shown : `'${shown.replaceAll("'", "'\\''")}'`;
}
