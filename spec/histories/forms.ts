import type { Forms } from './contents.js';
import { ANCHOR } from './files.js';
import type { Judge } from './judge.js';
import type { Place } from './naming.js';
import type { ModelName, Value } from './steps.js';
import type { World } from './world.js';

/** How the values of one operation are resolved. */
export interface HowToResolve {
  readonly model: ModelName;
  /** The judge is told of every value, not of uploads alone. */
  readonly isNamed?: boolean;
  /** Every value names a new upload: what somebody else may be removing is not taken up. */
  readonly isConcurrent?: boolean;
}

/** Uploads what the operations of one history name. */
export class Uploader {
  readonly #world: World;
  readonly #judge: Judge;
  #count = 0;

  constructor(world: World, judge: Judge) {
    this.#world = world;
    this.#judge = judge;
  }

  forms(how: HowToResolve): OperationForms {
    return new OperationForms(this.#world, this.#judge, how, () => ++this.#count);
  }
}

/** The values of one operation, and which uploads they name. */
export class OperationForms implements Forms {
  readonly #world: World;
  readonly #judge: Judge;
  readonly #how: HowToResolve;
  readonly #next: () => number;
  /** Uploaded for this operation, and named by one of its values. */
  readonly uploads: string[] = [];

  constructor(world: World, judge: Judge, how: HowToResolve, next: () => number) {
    this.#world = world;
    this.#judge = judge;
    this.#how = how;
    this.#next = next;
  }

  get hasObjects(): boolean {
    return this.#world.hasObjects;
  }

  async resolve(value: Value, field: string | null): Promise<unknown> {
    const { model, isNamed = false, isConcurrent = false } = this.#how;
    const place = { model, field };
    const given = typeof value === 'string' ? value : value.file;
    const isFresh = given.includes('fresh') || (isConcurrent && given !== ANCHOR);
    const { stored, file } = this.#spelled(value, isFresh, place);
    if (isFresh) await this.#world.put(file);
    if (isFresh || isNamed) await this.#judge.name(stored, place);
    if (isFresh && this.#world.naming.read(stored, place, this.#world.known).meant.has(file)) {
      this.uploads.push(file);
    }
    return stored;
  }

  #spelled(value: Value, isFresh: boolean, place: Place): { stored: unknown; file: string } {
    const { naming } = this.#world;
    if (typeof value === 'string') {
      const name = isFresh ? `fresh-${String(this.#next())}.png` : value;
      return { stored: name, file: naming.home(name, place) };
    }
    const own = value.file.includes('fresh') ? value.file : 'fresh';
    const name = isFresh ? own.replace('fresh', naming.fresh(this.#next())) : value.file;
    const file = isFresh ? naming.home(name, place) : name;
    return { stored: naming.spell({ ...value, file }, place), file };
  }
}
