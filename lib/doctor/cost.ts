import type { mongo } from 'mongoose';
import { randomUUID } from 'node:crypto';
import { projectionOf } from '../schema/field-values.js';
import { trackedOf } from '../schema/model-fields.js';
import type { AnyModel } from '../schema/options.js';
import type { StorageProvider } from '../providers/provider.js';
import type { Reading } from '../usage/meaning.js';
import { driverCollection, type Scope } from '../usage/scope.js';
import { stillUsed } from '../usage/still-used.js';
import type { Examination } from './examination.js';
import type { RemovalCost } from './report.js';

/** The first round is a warm-up. */
const ROUNDS = 4;

/** Measures the cost of one removal: the look-up and the question, for a file that does not exist. Writes nothing. */
export async function measureRemovals(run: Examination): Promise<void> {
  for (const [index, model] of run.models.entries()) {
    run.begin(`what a removal of ${model.modelName} costs`);
    const file = unusedFile(model);
    const known = run.examinedModels[index];
    if (!file || !known) continue;
    const scope = run.scope([model]);
    run.examinedModels[index] = { ...known, cost: await measure(run, { model, file, scope }) };
  }
}

interface Measured {
  readonly model: AnyModel;
  readonly file: Reading;
  readonly scope: Scope;
}

async function measure(run: Examination, measured: Measured): Promise<RemovalCost> {
  const { model, file, scope } = measured;
  const { timeoutMs, mentionsUpTo } = run.owners.find((owner) => owner.model === model)!.options;
  const rounds: { ms: number; commands: number | null }[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    run.options.signal?.throwIfAborted();
    const counter = new CommandCounter(model);
    const startedAt = performance.now();
    try {
      await lookUp(model);
      const verdicts = await stillUsed([file], scope, { timeoutMs, mentionsUpTo });
      rounds.push({ ms: performance.now() - startedAt, commands: counter.count });
      const verdict = verdicts.get(file);
      if (typeof verdict === 'object') return tellUnanswered(run, measured, verdict.unanswered);
    } finally {
      counter.stop();
    }
  }
  return costOf(scope, rounds.slice(1));
}

function costOf(
  { collections }: Scope,
  rounds: readonly { ms: number; commands: number | null }[],
): RemovalCost {
  const counts = rounds.flatMap(({ commands }) => commands ?? []);
  return {
    // others may use the connection at the same time
    commands: counts.length > 0 ? Math.min(...counts) : null,
    ms: Math.round(Math.min(...rounds.map(({ ms }) => ms)) * 10) / 10,
    collections: collections.map(({ name }) => name),
  };
}

function tellUnanswered(run: Examination, { model, scope }: Measured, error: Error): RemovalCost {
  run.find({
    kind: 'unanswered',
    about: model.modelName,
    message: `the question whether a file is still used was not answered, so its files would be kept: ${error.message}`,
    advice:
      'add the missing indexes, or give a longer timeoutMs; a function in "references" must return booleans',
  });
  return { commands: null, ms: 0, collections: scope.collections.map(({ name }) => name) };
}

/** Reads the tracked fields of one document, as before a write. */
async function lookUp(model: AnyModel): Promise<void> {
  const asked = { connection: model.db, name: model.collection.name, fields: [], models: [model] };
  const _id = new model.base.mongo.ObjectId() as unknown as mongo.ObjectId;
  const projection = projectionOf(trackedOf(model).map(({ field }) => field));
  await driverCollection(asked).findOne({ _id }, { projection });
}

/** An asset that nothing uses, in a provider of the model. */
function unusedFile(model: AnyModel): Reading | undefined {
  const name = `image-cleanup-doctor-${randomUUID()}`;
  for (const provider of new Set(trackedOf(model).flatMap(({ providers }) => providers))) {
    for (const value of [`${name}.png`, name, `${provider.name}:${name}`]) {
      const asset = safely(provider, value);
      if (asset) return { asset, provider };
    }
  }
  return undefined;
}

function safely(provider: StorageProvider, value: string): Reading['asset'] | null {
  try {
    return provider.identify(value);
  } catch {
    return null;
  }
}

/** Counts commands with the driver's own monitoring, if the connection has it. */
class CommandCounter {
  #count = 0;
  readonly #client: mongo.MongoClient;
  readonly #note = (): void => void this.#count++;

  constructor(model: AnyModel) {
    this.#client = model.db.getClient() as unknown as mongo.MongoClient;
    this.#client.on('commandStarted', this.#note);
  }

  get count(): number | null {
    return this.#client.options.monitorCommands ? this.#count : null;
  }

  stop(): void {
    this.#client.off('commandStarted', this.#note);
  }
}
