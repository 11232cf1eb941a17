import type { Locator, Page } from 'playwright-core';

export interface Frame {
  readonly png: Buffer;
  /** Milliseconds. */
  readonly delay: number;
}

const STEPS = 4;
const STEP_MS = 80;
const TICK_MS = 500;

/** Takes the frames of an animation, with a pointer and a caption that the page itself does not have. */
export class Recorder {
  readonly frames: Frame[] = [];
  readonly #page: Page;
  #at = { x: 0, y: 0 };

  constructor(page: Page) {
    this.#page = page;
  }

  /** One frame that is shown for `delay` milliseconds. One that looks like the last prolongs that. */
  async frame(delay: number): Promise<void> {
    const png = await this.#page.screenshot({ type: 'png' });
    const last = this.frames.at(-1);
    if (last?.png.equals(png)) this.frames.splice(-1, 1, { png, delay: last.delay + delay });
    else this.frames.push({ png, delay });
  }

  /** Frames of what goes on by itself, in real time. */
  async watch(ms: number, tick = TICK_MS): Promise<void> {
    const start = Date.now();
    for (let shown = 0; shown < ms; shown += tick) {
      await this.#page.waitForTimeout(Math.max(0, start + shown - Date.now()));
      await this.frame(Math.min(tick, ms - shown));
    }
  }

  async caption(text: string): Promise<void> {
    await this.#page.locator('#caption').evaluate((one, words) => {
      one.textContent = words;
    }, text);
  }

  /** Moves the pointer to the middle of an element. */
  async pointTo(locator: Locator): Promise<void> {
    const box = await locator.boundingBox();
    if (box === null) throw new Error('The element to point to is not shown.');
    const from = this.#at;
    const to = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
    for (let step = 1; step <= STEPS; step += 1) {
      const part = 1 - (1 - step / STEPS) ** 2;
      await this.#showPointer(from.x + (to.x - from.x) * part, from.y + (to.y - from.y) * part);
      await this.frame(STEP_MS);
    }
    this.#at = to;
  }

  /** Points to an element and clicks it. */
  async click(locator: Locator): Promise<void> {
    await this.pointTo(locator);
    await this.frame(250);
    await this.#press(true);
    await this.frame(150);
    await locator.click();
    await this.#press(false);
  }

  async #showPointer(x: number, y: number): Promise<void> {
    const place = `translate(${String(Math.round(x))}px, ${String(Math.round(y))}px)`;
    await this.#page.locator('#pointer').evaluate((one, transform) => {
      one.style.transform = transform;
    }, place);
  }

  async #press(isPressed: boolean): Promise<void> {
    await this.#page.locator('#pointer').evaluate((one, pressed) => {
      one.classList.toggle('pressed', pressed);
    }, isPressed);
  }
}
