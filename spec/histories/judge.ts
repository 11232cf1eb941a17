import type { CleanupEvent } from '../../lib/index.js';
import type { Place } from './naming.js';
import { look, nameIn, soleOf, type Sight } from './sight.js';
import type { ModelName } from './steps.js';
import type { World } from './world.js';

/** What a history found to be untrue. */
export class Broken extends Error {}

/** What is true of one step besides the rules. */
export interface Excuse {
  /** Files that fell out of use in it are allowed to stay. */
  readonly isExcused?: boolean;
  readonly mustRemoveNothing?: boolean;
  /** Some write was held: a file that it mentions, and no form names, is not known to the others before it is sent. */
  readonly isHeld?: boolean;
  /** Several writes overlapped, or were committed together: a mention in a document that only one of them hit is unknown to the others. */
  readonly areSeveral?: boolean;
}

/**
 * The plain model. It reads the committed documents and the storage themselves after each step and knows two rules: no
 * file that a document uses is gone, nor one that no write could have dropped; and in the end no file is left that documents named and
 * none uses any more, unless an event has said why since then.
 */
export class Judge {
  readonly #world: World;
  /** `name#version` that some document named, or some write: these may go. */
  readonly #named = new Set<string>();
  /** `name#version` that a committed document named. */
  readonly #had = new Set<string>();
  /** `name#version` that no document names any more, and how many events there had been then: these must go, or be told. */
  readonly #dropped = new Map<string, number>();
  /** `name#version` about which nothing was promised: a fault met their write. */
  readonly #excused = new Set<string>();
  /** `name#version` that no document names any more, and how much time had passed then. */
  readonly #unusedSince = new Map<string, number>();
  readonly #leastGraceMs: number;
  #before: Sight = {
    stored: new Set(),
    used: new Set(),
    meant: new Set(),
    bound: new Set(),
    named: new Set(),
    documents: new Map(),
  };
  /** Events before the step. */
  #told = 0;
  /** One look before: a write in a transaction tells of what it refuses when it is acknowledged, which is before the commit. */
  #toldEarlier = 0;

  /** `leastGraceMs`: no file that a document named may go sooner. */
  constructor(world: World, leastGraceMs = 0) {
    this.#world = world;
    this.#leastGraceMs = leastGraceMs;
  }

  async begin(): Promise<void> {
    this.#before = await look(this.#world);
    this.#note(this.#before);
  }

  /** A write that is about to run stores this value, or speaks of it. */
  async name(value: unknown, place: Place): Promise<void> {
    const { known, naming, storage } = this.#world;
    const stored = await storage.contents();
    const said = naming.read(value, place, known);
    const there = new Set(stored.map(nameIn));
    const soles = (said.parts ?? [said]).flatMap(({ meant }) => soleOf(meant, there));
    for (const file of stored) if (soles.includes(nameIn(file))) this.#named.add(file);
  }

  /** Some document had this file for a moment between two looks. */
  async hadFile(name: string): Promise<void> {
    for (const file of await this.#world.storage.contents()) {
      if (nameIn(file) === name) this.#dropped.set(file, this.#told);
    }
  }

  /** A file was uploaded in the middle of a step. */
  async uploaded(name: string): Promise<void> {
    const stored = await this.#world.storage.contents();
    const files = stored.filter((file) => nameIn(file) === name);
    this.#before = { ...this.#before, stored: new Set([...this.#before.stored, ...files]) };
  }

  async step(what: string, excuse: Excuse = {}): Promise<void> {
    const before = this.#before;
    const now = await look(this.#world);
    for (const file of before.stored) {
      if (!now.stored.has(file)) this.#judgeLoss(file, what, now, excuse);
    }
    for (const file of now.stored) {
      const name = nameIn(file);
      if (!this.#had.has(file) || !before.meant.has(name) || now.meant.has(name)) continue;
      this.#dropped.set(file, this.#toldEarlier);
      // a write that nobody noted begins no time: an older intent may be due at once
      this.#unusedSince.set(file, excuse.isExcused ? -Infinity : this.#world.passed);
      if (excuse.isExcused) this.#excused.add(file);
    }
    this.#note(now);
    this.#before = now;
    this.#toldEarlier = this.#told;
    this.#told = this.#world.events.length;
  }

  excuseName(name: string): void {
    for (const file of this.#before.stored) if (nameIn(file) === name) this.#excused.add(file);
  }

  /** After everything has an outcome: what was dropped is gone, or an event says why it is not. */
  async end(): Promise<void> {
    await this.step('the end');
    const { used, stored } = this.#before;
    for (const file of stored) {
      const name = nameIn(file);
      const since = this.#dropped.get(file);
      const isBound = used.has(name) || this.#isProtected(name) || this.#world.pinned.has(name);
      if (since === undefined || isBound || this.#excused.has(file)) continue;
      const isEnough = this.#world.isStrict ? this.#isInWrittenText(name, since) : this.#isTold(name, since);
      if (!isEnough) {
        throw new Broken(`${name} was dropped and is still there`);
      }
    }
  }

  #isTold(name: string, since: number): boolean {
    return this.#world.events
      .slice(since)
      .some((event) => ['kept', 'failed'].includes(event.outcome) && this.#isAbout(event, name));
  }

  /** A bulk write may store a text that shows a file, and delete the document again: the file stays then, which is told. */
  #isInWrittenText(name: string, since: number): boolean {
    return this.#world.events
      .slice(since)
      .some(
        (event) =>
          event.operation === 'bulkWrite' && event.reason === 'mentioned' && this.#isAbout(event, name),
      );
  }

  #isAbout({ asset, value, model, field }: CleanupEvent, name: string): boolean {
    const { naming, known } = this.#world;
    if (asset && naming.nameOf(asset) === name) return true;
    const said = naming.read(value, { model: model as ModelName, field }, known);
    return [said.meant, said.mentioned, said.elsewhere].some((files) => files.has(name));
  }

  #judgeLoss(
    file: string,
    what: string,
    now: Sight,
    { mustRemoveNothing, isHeld, areSeveral }: Excuse,
  ): void {
    const name = nameIn(file);
    const isReplaced = [...now.stored].some((other) => nameIn(other) === name);
    if (isReplaced) return;
    const isTakenUp = isHeld === true && this.#isOnlyMentionedNow(name, now);
    if (now.bound.has(name) && !isTakenUp)
      throw new Broken(`${what}: ${name} is gone and a document uses it`);
    if (areSeveral !== true && this.#isStillMentioned(name, now))
      throw new Broken(`${what}: ${name} is gone and the document that had it mentions it`);
    if (this.#world.passed < (this.#unusedSince.get(file) ?? this.#neverUsed(file)) + this.#leastGraceMs)
      throw new Broken(`${what}: ${name} is gone before its time`);
    if (this.#isProtected(name)) throw new Broken(`${what}: ${name} is gone and was never to be removed`);
    if (this.#world.pinned.has(name)) throw new Broken(`${what}: ${name} is gone and something else uses it`);
    if (mustRemoveNothing) throw new Broken(`${what}: ${name} is gone though nothing was committed`);
    if (!this.#named.has(file))
      throw new Broken(`${what}: ${name} is gone and no document ever had this file`);
  }

  /** One that goes in the very step in which it was dropped went too early; of one that no document had, nothing is known. */
  #neverUsed(file: string): number {
    return this.#had.has(file) ? this.#world.passed : -Infinity;
  }

  #isOnlyMentionedNow(name: string, now: Sight): boolean {
    if (now.meant.has(name)) return false;
    const had = (id: string): boolean => this.#before.documents.get(id)?.uses.has(name) === true;
    return [...now.documents].every(([id, { uses }]) => !uses.has(name) || !had(id));
  }

  /** A document that the write hit is read however large its collection is. */
  #isStillMentioned(name: string, now: Sight): boolean {
    return [...this.#before.documents].some(([id, { values }]) => {
      const after = now.documents.get(id);
      if (!after?.uses.has(name)) return false;
      return [...values].some(([value, names]) => names.has(name) && !after.values.has(value));
    });
  }

  #isProtected(name: string): boolean {
    return this.#world.naming.protected.includes(name);
  }

  #note({ meant, bound, named, stored }: Sight): void {
    for (const file of stored) {
      const name = nameIn(file);
      if (named.has(name)) this.#named.add(file);
      if (!meant.has(name)) continue;
      this.#had.add(file);
      this.#dropped.delete(file);
      // above the limit a spelling that nobody looks for does not begin its time anew
      if (bound.has(name)) this.#unusedSince.delete(file);
      this.#excused.delete(file);
    }
  }
}
