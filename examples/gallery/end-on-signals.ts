/** Ends the process on a signal once `end` is done, and at once on a second signal. */
export function endOnSignals(end: () => Promise<void>, failed: (error: unknown) => void): void {
  let isEnding = false;
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (isEnding) process.exit(130);
      isEnding = true;
      end().then(() => process.exit(0), failed);
    });
  }
}
