import { once } from 'node:events';
import { writeSync } from 'node:fs';
import mongoose from 'mongoose';
import { cleanupFor } from '../../../lib/index.js';
import { appOn } from './app.js';
import { tellTransactions } from '../left-transactions.js';
import { dieAt } from './death.js';
import { AT_WORK, type Task } from './task.js';
import { Writer } from './writer.js';

/** A process that is started early, is told what to do by one line on its standard input, and does that until it is killed. */
async function main(): Promise<void> {
  const [line] = (await once(process.stdin, 'data')) as [Buffer];
  const task = JSON.parse(line.toString()) as Task;
  const connection = await mongoose.createConnection(task.uri, { monitorCommands: true }).asPromise();
  const app = appOn(connection, task.root, task.seed % 2 === 0 ? 'wait' : 'background');
  dieAt(connection, task.death);
  tellTransactions(connection);
  writeSync(1, AT_WORK);
  if (task.role === 'writer') return new Writer(connection, app, task).run();
  const concurrency = 1 + (task.seed % 4);
  cleanupFor(connection).work({ every: 100, concurrency, onError: fail });
}

function fail(error: unknown): never {
  console.error(error);
  process.exit(1);
}

main().catch(fail);
