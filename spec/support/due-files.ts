import { Schema, type Connection, type Model } from 'mongoose';
import { imageCleanup, localProvider, type CleanupEvent } from '../../lib/index.js';
import type { Intent } from '../../lib/journal/intent.js';
import { intentsOf } from './journal.js';
import { Uploads } from './uploads.js';

/** What becomes of a file, by how its name begins. */
export const GOES = 'goes';
export const STAYS = 'stays';
export const FAILS = 'fails';

/** How the model of these specs is told where its files are. */
export interface ModelTask {
  readonly root: string;
  readonly onEvent?: (event: CleanupEvent) => void;
  readonly log?: string[];
  /** Waits before it removes; for specs that must see a removal under way. */
  readonly hold?: () => Promise<void>;
  /** Files fail until this says otherwise. */
  readonly isBroken?: () => boolean;
  /** They fail for a passing reason. */
  readonly isPassing?: boolean;
}

/** The model whose files are due, in whichever process. Files whose name begins with `fails` fail for good. */
export function albumOn(connection: Connection, task: ModelTask): Model<{ image: string }> {
  const { root, onEvent = () => undefined, log = [], hold, isBroken = () => true, isPassing = false } = task;
  const local = localProvider({ root });
  const provider = Object.create(local, {
    remove: {
      value: async (...[assets, options]: Parameters<typeof local.remove>) => {
        await hold?.();
        const outcomes = await local.remove(
          assets.filter(({ key }) => !isBroken() || !key.includes(FAILS)),
          options,
        );
        let next = 0;
        return assets.map(({ key }) =>
          isBroken() && key.includes(FAILS)
            ? { outcome: 'failed', error: new Error('no right to remove it'), retryable: isPassing }
            : outcomes[next++],
        );
      },
    },
  }) as typeof local;
  const note = (message: string): void => void log.push(message);
  const schema = new Schema({ image: { type: String, index: true } }, { collection: 'albums' });
  schema.plugin(imageCleanup, {
    fields: ['image'],
    provider,
    journal: true,
    retry: { attempts: 1 },
    onEvent,
    logger: { warn: note, error: note },
  });
  return connection.model('Album', schema) as unknown as Model<{ image: string }>;
}

/** Due files in a journal, as a process leaves them that was killed after its write. */
export class DueFiles {
  readonly uploads: Uploads;
  readonly connection: Connection;

  private constructor(uploads: Uploads, connection: Connection) {
    this.uploads = uploads;
    this.connection = connection;
  }

  /** `perKind` files each that go, stay and fail. */
  static async on(connection: Connection, perKind: { goes?: number; stays?: number; fails?: number }) {
    const due = new DueFiles(await Uploads.create(), connection);
    const { goes = 0, stays = 0, fails = 0 } = perKind;
    const names = [namesOf(GOES, goes), namesOf(STAYS, stays), namesOf(FAILS, fails)];
    await due.uploads.put(...names.flat());
    if (stays > 0) await connection.collection('albums').insertMany(names[1]!.map((image) => ({ image })));
    // in turn, so that every part of them has each kind
    const mixed = names.flat().sort((one, other) => numberOf(one) - numberOf(other));
    await due.note(mixed);
    return due;
  }

  async note(names: readonly string[]): Promise<void> {
    const ago = new Date(Date.now() - 600_000);
    if (names.length === 0) return;
    await this.connection.collection('imagecleanupintents').insertMany(
      names.map((name) => ({
        model: 'Album',
        operation: 'deleteOne',
        isDelete: true,
        graceMs: 0,
        tries: 0,
        writtenAt: ago,
        dueAt: ago,
        values: [
          {
            value: name,
            field: 'image',
            documentIds: [],
            files: [{ provider: 'local', kind: 'local', key: this.uploads.path(name) }],
          },
        ],
      })),
    );
  }

  intents(): Promise<Intent[]> {
    return intentsOf(this.connection);
  }

  /** Intents that wait for a worker, or that one has taken. */
  open(): Promise<number> {
    return this.connection.collection('imagecleanupintents').countDocuments({ dueAt: { $type: 'date' } });
  }

  /** Resolves when none is open. */
  async settled(): Promise<void> {
    await eventually(async () => (await this.open()) === 0);
  }

  async namesOf(kind: string): Promise<string[]> {
    return (await this.uploads.names()).filter((name) => name.startsWith(kind));
  }

  destroy(): Promise<void> {
    return this.uploads.destroy();
  }
}

/** Asks until it is so; the time limit of the spec ends it. */
export async function eventually(isSo: () => Promise<boolean> | boolean): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20));
}

function namesOf(kind: string, count: number): string[] {
  return Array.from({ length: count }, (_, n) => `${kind}-${String(n)}.png`);
}

function numberOf(name: string): number {
  return Number(/-(\d+)/.exec(name)![1]);
}
