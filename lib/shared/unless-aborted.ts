/**
 * The promise, or a rejection with the signal's reason as soon as that is aborted: for clients that know no signals. Calls of Cloudinary's Admin
 * API never settle where a server accepts and does not answer; MongoDB's driver has no signal for a deletion.
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
