import { namesIn, OUTSIDE, PROTECTED, ANCHOR } from './files.js';
import type { World } from './world.js';

/** What a history found to be untrue. */
export class Broken extends Error {}

/** The names that are in use, and which file of each name is stored. */
interface Sight {
  readonly used: ReadonlySet<string>;
  readonly stored: ReadonlySet<string>;
}

/**
 * The plain model. It reads the committed documents and the storage themselves after each step and knows two rules: no
 * file that a document uses is gone, nor one that no write could have dropped; and in the end no file is left that was dropped.
 */
export class Judge {
  readonly #world: World;
  /** `name#version` that some document used, or some write named: these may go. */
  readonly #named = new Set<string>();
  /** `name#version` that a committed document used: these must go in the end. */
  readonly #committed = new Set<string>();
  /** `name#version` about which nothing was promised: a fault met their write. */
  readonly #excused = new Set<string>();
  #before: Sight = { used: new Set(), stored: new Set() };

  constructor(world: World) {
    this.#world = world;
  }

  async begin(): Promise<void> {
    this.#before = await this.#look();
    this.#note(this.#before);
  }

  /** A write that is about to run names this file. */
  async name(name: string): Promise<void> {
    for (const file of await this.#world.storage.contents()) if (nameIn(file) === name) this.#named.add(file);
  }

  /** A file was uploaded in the middle of a step. */
  async uploaded(name: string): Promise<void> {
    const stored = await this.#world.storage.contents();
    const files = stored.filter((file) => nameIn(file) === name);
    this.#before = { ...this.#before, stored: new Set([...this.#before.stored, ...files]) };
  }

  /** `isExcused`: files that fell out of use in this step are allowed to stay. */
  async step(what: string, { isExcused = false, mustRemoveNothing = false } = {}): Promise<void> {
    const before = this.#before;
    const now = await this.#look();
    for (const file of before.stored) {
      if (!now.stored.has(file)) this.#judgeLoss(file, what, now, mustRemoveNothing);
    }
    if (isExcused) this.#excuse(before, now);
    this.#note(now);
    this.#before = now;
  }

  /** Whatever is unused now may stay. */
  async excuseUnused(): Promise<void> {
    const now = await this.#look();
    for (const file of now.stored) if (!now.used.has(nameIn(file))) this.#excused.add(file);
  }

  excuseName(name: string): void {
    for (const file of this.#before.stored) if (nameIn(file) === name) this.#excused.add(file);
  }

  /** After everything has an outcome: what was dropped is gone. */
  async end(): Promise<void> {
    await this.step('the end');
    const { used, stored } = this.#before;
    for (const file of stored) {
      const name = nameIn(file);
      const isBound = used.has(name) || isProtected(name) || this.#world.pinned.has(name);
      if (this.#committed.has(file) && !isBound && !this.#excused.has(file)) {
        throw new Broken(`${name} was dropped and is still there`);
      }
    }
  }

  #judgeLoss(file: string, what: string, now: Sight, mustRemoveNothing: boolean): void {
    const name = nameIn(file);
    const isReplaced = [...now.stored].some((other) => nameIn(other) === name);
    if (isReplaced) return;
    if (now.used.has(name)) throw new Broken(`${what}: ${name} is gone and a document uses it`);
    if (isProtected(name)) throw new Broken(`${what}: ${name} is gone and was never to be removed`);
    if (this.#world.pinned.has(name)) throw new Broken(`${what}: ${name} is gone and something else uses it`);
    if (mustRemoveNothing) throw new Broken(`${what}: ${name} is gone though nothing was committed`);
    if (!this.#named.has(file))
      throw new Broken(`${what}: ${name} is gone and no document ever had this file`);
  }

  #excuse(before: Sight, now: Sight): void {
    for (const file of now.stored) {
      const name = nameIn(file);
      if (before.used.has(name) && !now.used.has(name)) this.#excused.add(file);
    }
  }

  #note({ used, stored }: Sight): void {
    for (const file of stored) {
      if (!used.has(nameIn(file))) continue;
      this.#named.add(file);
      this.#committed.add(file);
      this.#excused.delete(file);
    }
  }

  async #look(): Promise<Sight> {
    const used = new Set([ANCHOR]);
    for (const document of await this.#world.documents())
      for (const name of namesIn(document)) used.add(name);
    return { used, stored: new Set(await this.#world.storage.contents()) };
  }
}

function nameIn(file: string): string {
  return file.replace(/#[^#]*$/, '');
}

function isProtected(name: string): boolean {
  return PROTECTED.includes(name) || OUTSIDE.includes(name);
}
