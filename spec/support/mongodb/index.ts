export interface RunningMongoDB {
  readonly uri: string;
  readonly description: string;
  stop(): Promise<void>;
}

/** A MongoDB for specs: so far only the one that `MONGODB_URI` names. */
export function startMongoDB(): Promise<RunningMongoDB> {
  const uri = process.env['MONGODB_URI'];
  if (!uri) return Promise.reject(new Error('set MONGODB_URI to the URI of a replica set'));
  return Promise.resolve({
    uri,
    description: 'MongoDB: the server that MONGODB_URI names',
    stop: () => Promise.resolve(),
  });
}
