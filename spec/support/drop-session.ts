import path from 'node:path';
import { freshDatabase } from './database.js';
import { outputOf, startChild } from './child.js';

/** Drops a session with an open transaction in a child whose garbage collector can be called; says what became of it. */
export function dropSession(): Promise<string> {
  const child = startChild(path.join(__dirname, 'drop-session-child.ts'), [freshDatabase()], {
    nodeOptions: ['--expose-gc'],
  });
  return outputOf(child);
}
