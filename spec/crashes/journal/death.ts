import fse from 'fs-extra';
import { writeSync } from 'node:fs';
import type { Connection } from 'mongoose';
import { IS_RIPE, nameOfStep, type Death, type Step } from './task.js';

const INTENTS = 'imagecleanupintents';

/** Kills this very process when it comes to a step for the n-th time, or says that it may be killed. */
export function dieAt(connection: Connection, { step, count }: Death): void {
  let left = count;
  if (!step) {
    connection.getClient().on('commandStarted', () => {
      if (--left === 0) writeSync(1, IS_RIPE);
    });
    return;
  }
  const come = (): void => {
    if (--left > 0) return;
    writeSync(1, `${nameOfStep(step)}\n`);
    process.kill(process.pid, 'SIGKILL');
  };
  if (step.what === 'unlink') dieAtUnlink(step, come);
  else dieAtCommand(connection, step, come);
}

function dieAtUnlink({ when }: Step, come: () => void): void {
  const files = fse as { unlink(path: string): Promise<void> };
  const unlink = files.unlink.bind(fse);
  files.unlink = async (path) => {
    if (when === 'before') come();
    await unlink(path);
    if (when === 'after') come();
  };
}

/** The driver tells of a command right before it is sent, and right after its answer has come. */
function dieAtCommand(connection: Connection, { when, what, about }: Step, come: () => void): void {
  const client = connection.getClient();
  const meant = new Set<number>();
  client.on('commandStarted', ({ commandName, command, requestId }) => {
    const isOfIntents = (command as Record<string, unknown>)[commandName] === INTENTS;
    if (commandName !== what || (about && isOfIntents !== (about === 'intents'))) return;
    meant.add(requestId);
    if (when === 'before') come();
  });
  client.on('commandSucceeded', ({ requestId }) => {
    if (meant.delete(requestId) && when === 'after') come();
  });
}
