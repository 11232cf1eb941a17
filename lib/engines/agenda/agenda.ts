/** A job as its processor gets it. */
export interface AgendaJob {
  readonly attrs: {
    readonly data?: unknown;
    readonly failCount?: number;
  };
  touch(): Promise<unknown>;
}

/** A job as `queryJobs` returns it. */
export interface StoredJob {
  readonly _id?: unknown;
  readonly data?: unknown;
  readonly state?: string;
  readonly repeatInterval?: unknown;
  readonly failedAt?: Date;
}

/**
 * The parts of an `Agenda` that the worker uses. Declared here, so that neither its types nor the package are needed to
 * compile.
 */
export interface AgendaLike {
  /** Job definitions by name. */
  readonly definitions: object;
  /** Resolves when the backend is connected. */
  readonly ready: Promise<unknown>;
  /** Defines a job. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  define(name: string, processor: (job: any) => Promise<void>, options?: any): void;
  /** Stores a repeating job. */
  every(interval: number, name: string): Promise<unknown>;
  /** Stores a job. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  now(name: string, data: any): Promise<unknown>;
  /** Finds jobs. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  queryJobs(options?: any): Promise<{ jobs: readonly any[] }>;
  /** Removes jobs. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  cancel(options: any): Promise<number>;
  /** Starts Agenda; has no effect if it is started. */
  start(): Promise<void>;
}

const METHODS = ['define', 'every', 'now', 'queryJobs', 'cancel', 'start'] as const;

/** @throws TypeError if the value is not an Agenda of version 6. */
export function checkAgenda(given: unknown): asserts given is AgendaLike {
  const agenda = (given ?? {}) as Record<string, unknown>;
  const missing = METHODS.find((name) => typeof agenda[name] !== 'function');
  if (missing === undefined && typeof agenda['definitions'] === 'object') return;
  const is =
    typeof agenda['define'] === 'function' && typeof agenda['every'] === 'function'
      ? `an Agenda without ${missing ?? 'definitions'}(), which is older than version 6`
      : typeof given === 'object' && given !== null
        ? 'an object of another kind'
        : String(given);
  throw new TypeError(
    `agendaWorker: the first argument is ${is}; allowed: an Agenda of the package "agenda", version 6; ` +
      'give new Agenda({ backend: new MongoBackend({ address }) })',
  );
}

/** The result of `findOneAndUpdate` of the driver that Agenda's MongoDB backend uses. */
interface FindsOne {
  findOneAndUpdate?(filter: object, update: object, options: object): Promise<unknown>;
}

/**
 * Drivers before version 6 wrap the document that `findOneAndUpdate` finds. Agenda would take the wrapper for a job,
 * and run none, without an error. This happens with a `Db` of Mongoose 7. The function asks for a job that cannot
 * exist.
 */
export async function hasTooOldDriver(agenda: AgendaLike): Promise<boolean> {
  const { collection } = ((agenda as { db?: unknown }).db ?? {}) as { collection?: FindsOne };
  // backends on other databases
  if (typeof collection?.findOneAndUpdate !== 'function') return false;
  const nobody = { name: 'mongoose-image-cleanup: no job has this name' };
  const answer = await collection.findOneAndUpdate(nobody, { $set: nobody }, { returnDocument: 'after' });
  return answer !== null && answer !== undefined;
}
