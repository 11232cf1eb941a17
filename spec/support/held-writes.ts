import { mongo } from 'mongoose';

type Call = (...args: unknown[]) => Promise<unknown>;

/** One call of the driver that waits until the spec lets it go on. */
export interface HeldWrite {
  /** Resolves when the call is held. */
  readonly isReached: Promise<void>;
  /** Lets the call go on. */
  release(): void;
}

const undo: (() => void)[] = [];

class Signal {
  resolve!: () => void;
  readonly promise = new Promise<void>((resolve) => (this.resolve = resolve));
}

/**
 * Holds the next call of a method of the driver whose arguments speak of `text`: `before` it is sent to the server (what
 * looks up originals has done so by then), or `after` the server has carried it out and before its caller knows.
 */
export function holdWrite(method: string, text: string, when: 'before' | 'after'): HeldWrite {
  const prototype = mongo.Collection.prototype as unknown as Record<string, Call>;
  const original = prototype[method]!;
  const reached = new Signal();
  const released = new Signal();
  let isHeld = false;
  const held: Call = async function (this: unknown, ...args) {
    const isMeant = !isHeld && JSON.stringify(args.slice(0, 2)).includes(text);
    if (!isMeant) return original.apply(this, args);
    isHeld = true;
    if (when === 'before') {
      reached.resolve();
      await released.promise;
      return original.apply(this, args);
    }
    try {
      return await original.apply(this, args);
    } finally {
      reached.resolve();
      await released.promise;
    }
  };
  prototype[method] = held;
  undo.push(() => {
    prototype[method] = original;
    released.resolve();
  });
  return { isReached: reached.promise, release: released.resolve };
}

/** To be called in `afterEach` by specs that use `holdWrite`. */
export function releaseHeldWrites(): void {
  for (const act of undo.splice(0).reverse()) act();
}
