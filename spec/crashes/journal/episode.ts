import { setTimeout as pause } from 'node:timers/promises';
import { randomFrom } from '../random.js';
import { Remains } from './remains.js';
import type { Running, Standby } from './standby.js';
import { WORKER_STEPS, WRITER_STEPS, type Step, type Task } from './task.js';

export interface EpisodeReport {
  readonly lost: readonly string[];
  readonly orphans: readonly string[];
  readonly kills: number;
  /** Of these kills: at which steps, and how often. */
  readonly steps: ReadonlyMap<string, number>;
  /** Files without a user when all processes of a round were dead, and intents that were open then. */
  readonly leftByKills: number;
  readonly openIntents: number;
}

export interface EpisodeOptions {
  readonly uri: string;
  readonly seed: number;
  readonly standby: Standby;
  readonly workers: number;
  /** Each ends with the death of all processes. Default 4. */
  readonly rounds?: number;
  /** A command, or `unlink`: writers die there alone. Default: anywhere. */
  readonly writersDieAt?: string;
}

/** A process that has not come to its step by then is killed as it is. */
const LONGEST_LIFE_MS = 4000;
/** Between the command that makes a process ripe and its death: any instant of what it does then. */
const LATER_MS = 25;
const STOCK = 12;

/**
 * Writers and workers, killed at random instants or at a step of their own, round after round, over one database and one
 * folder; then a worker that comes to an end, and a look at what is left.
 */
export async function playEpisode(options: EpisodeOptions): Promise<EpisodeReport> {
  const remains = await Remains.open(options.uri);
  try {
    const episode = new Episode(remains, options);
    for (let round = 0; round < (options.rounds ?? 4); round++) await episode.round(round);
    await remains.drain();
    const { lost, orphans } = await remains.look();
    return { ...episode.figures, lost: [...episode.lost, ...lost], orphans };
  } finally {
    await remains.close();
  }
}

class Episode {
  readonly #remains: Remains;
  readonly #options: EpisodeOptions;
  readonly #random: () => number;
  readonly figures = { kills: 0, steps: new Map<string, number>(), leftByKills: 0, openIntents: 0 };
  readonly lost: string[] = [];
  #started = 0;

  constructor(remains: Remains, options: EpisodeOptions) {
    this.#remains = remains;
    this.#options = options;
    this.#random = randomFrom(options.seed);
  }

  /** Nothing is due for the workers of the first round. */
  async round(round: number): Promise<void> {
    const writers = 1 + this.#pick(2);
    const names = Array.from({ length: writers }, (_, n) => `w${String(round)}${String(n)}`);
    for (const name of names) await this.#remains.equip(name, STOCK);
    const state = { areWriting: true };
    const writing = Promise.all(names.map((name) => this.#live('writer', name))).finally(() => {
      state.areWriting = false;
    });
    const workers = Array.from({ length: round === 0 ? 0 : this.#options.workers }, async () => {
      do await this.#live('worker', 'worker');
      while (state.areWriting);
    });
    await Promise.all([writing, ...workers]);
    const { lost, orphans } = await this.#remains.look();
    this.lost.push(...lost);
    this.figures.leftByKills += orphans.length;
    this.figures.openIntents += await this.#remains.openIntents();
    await this.#remains.letTimePass();
  }

  /** The life of one process, from its start to its death. */
  async #live(role: Task['role'], name: string): Promise<void> {
    const { seed, standby } = this.#options;
    const steps = this.#stepsOf(role);
    const isByItself = this.#random() < 0.7 || this.#isNarrowed(role);
    const step = steps[this.#pick(steps.length)]!;
    const task: Task = {
      role,
      uri: this.#remains.uri,
      root: this.#remains.root,
      seed: seed * 1000 + this.#started++,
      name,
      death: isByItself
        ? { step, count: 1 + this.#pick(role === 'writer' ? 3 : 2) }
        : { count: 1 + this.#pick(role === 'writer' ? 150 : 40) },
    };
    await this.#kill(standby.start(task), this.#random() * LATER_MS);
  }

  #stepsOf(role: Task['role']): readonly Step[] {
    if (role === 'worker') return WORKER_STEPS;
    const { writersDieAt } = this.#options;
    return WRITER_STEPS.filter(({ what }) => writersDieAt === undefined || what === writersDieAt);
  }

  #isNarrowed(role: Task['role']): boolean {
    return role === 'writer' && this.#options.writersDieAt !== undefined;
  }

  async #kill(running: Running, laterMs: number): Promise<void> {
    await running.isAtWork;
    const ripe = new AbortController();
    const late = pause(LONGEST_LIFE_MS, undefined, { signal: ripe.signal }).catch(() => undefined);
    await Promise.race([running.isRipe, late]);
    ripe.abort();
    await pause(laterMs);
    const { step, sessions } = await running.kill();
    this.#remains.noteDead(sessions);
    this.figures.kills++;
    if (step !== undefined) this.figures.steps.set(step, (this.figures.steps.get(step) ?? 0) + 1);
  }

  #pick(below: number): number {
    return Math.floor(this.#random() * below);
  }
}
