import type { SweepProgress } from '../sweep/index.js';
import { count, duration } from './numbers.js';

const WIDTH = 24;
const USUAL_COLUMNS = 80;
/** Milliseconds between two updates of the bar, and between two plain lines. */
const REDRAW = 100;
const RETELL = 10_000;

const VERBS = {
  listing: 'Listing',
  references: 'Reading',
  orphans: 'Deciding',
  mentions: 'Searching',
  removal: 'Removing',
};
const THINGS = {
  listing: 'files',
  references: 'documents',
  orphans: 'files',
  mentions: 'documents',
  removal: 'files',
};

export interface Screen {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Shows the progress of the sweep: a bar on a terminal, and regular plain lines elsewhere. */
export class ProgressDisplay {
  readonly #screen: Screen;
  readonly #now: () => number;
  #stage = '';
  #startedAt = 0;
  #toldAt = 0;
  #isDrawn = false;

  constructor(screen: Screen, now: () => number = Date.now) {
    this.#screen = screen;
    this.#now = now;
  }

  show(progress: SweepProgress): void {
    const stage = `${progress.stage} ${progress.what}`;
    const now = this.#now();
    const isNew = stage !== this.#stage;
    if (isNew) {
      this.clear();
      [this.#stage, this.#startedAt, this.#toldAt] = [stage, now, now];
    }
    const isDue = now - this.#toldAt >= (this.#screen.isTTY === true ? REDRAW : RETELL);
    if (!isDue && !(isNew && this.#screen.isTTY === true)) return;
    this.#toldAt = now;
    const line = lineFor(progress, now - this.#startedAt);
    if (this.#screen.isTTY === true) {
      // a terminal without a known size reports 0
      const columns = this.#screen.columns ?? 0;
      this.#screen.write(`\r\u001b[2K${line.slice(0, (columns > 0 ? columns : USUAL_COLUMNS) - 1)}`);
      this.#isDrawn = true;
    } else this.#screen.write(`${line}\n`);
  }

  /** Removes the bar, so that a line can be written in its place. */
  clear(): void {
    if (this.#isDrawn) this.#screen.write('\r\u001b[2K');
    this.#isDrawn = false;
  }
}

function lineFor({ stage, what, done, total }: SweepProgress, elapsedMs: number): string {
  const rate = elapsedMs > 0 ? (done / elapsedMs) * 1000 : 0;
  const verb = `${VERBS[stage]} ${what}`;
  const speed = rate > 0 ? `, ${count(rate)}/s` : '';
  if (total === undefined) return `${verb}: ${count(done)} ${THINGS[stage]}${speed}`;
  const share = total === 0 ? 1 : Math.min(1, done / total);
  const full = Math.round(share * WIDTH);
  const left = rate > 0 && done < total ? `, ${duration(((total - done) / rate) * 1000)} left` : '';
  const bar = '█'.repeat(full) + '░'.repeat(WIDTH - full);
  return `${verb} ${bar} ${String(Math.floor(share * 100))} % of ${count(total)} ${THINGS[stage]}${speed}${left}`;
}
