/** Ends the process when somebody asks for it, once `end` is done; at once when it is asked for again. */
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
