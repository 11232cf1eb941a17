/**
 * Resolves like the promise, or rejects with the signal's reason as soon as it is aborted. For clients without support
 * for signals: Cloudinary's Admin API calls never settle if a server accepts a request and does not answer, and
 * MongoDB's driver takes no signal for a deletion.
 */
export async function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  let stop = () => {};
  const aborted = new Promise<never>((_resolve, reject) => {
    stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop);
    if (signal.aborted) stop();
  });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
