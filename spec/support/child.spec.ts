import { expect } from 'chai';
import path from 'node:path';
import type { WriterTask } from '../crashes/writer.js';
import { outputOf, startChild } from './child.js';
import { connect, freshDatabase } from './database.js';
import { healCommands } from './fail-points.js';

describe('what a spec started', () => {
  it('a writer that fails with an open connection ends, and says why', async () => {
    const root = path.join(__filename, 'no-folder');
    const task: WriterTask = { uri: freshDatabase(), root, seed: 1, name: 'x', hasTransactions: false };
    const writer = startChild(path.join(__dirname, '../crashes/writer.ts'), [JSON.stringify(task)], {
      isQuiet: true,
    });
    const error: unknown = await outputOf(writer).catch((thrown: unknown) => thrown);
    expect(String(error)).to.match(/the child ended with 1: .*(ENOTDIR|root)/);
  });

  it('fail points are healed without an error where the connection has ended', async () => {
    const connection = await connect();
    await connection.close();
    await healCommands(connection);
  });
});
