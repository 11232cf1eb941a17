import { mongo } from 'mongoose';
import type { Entities, Exchange } from './entities.js';
import { MissingInDriver } from './operations.js';
import type { Fields, TestCase, TestFile } from './test-file.js';

interface Circumstances {
  file: TestFile;
  test: TestCase;
  /** With all that the driver sent and received in this test. */
  entities: Entities;
  error: unknown;
}

interface DriverSkip {
  reason: string;
  applies(circumstances: Circumstances): boolean;
}

/** What went wrong before the server was asked, or because it was asked something else than the test says. */
const DRIVER_SKIPS: DriverSkip[] = [
  {
    reason: 'the driver replaces an _id of null by an ObjectId before it sends the document',
    applies: ({ file, entities }) =>
      file.name === 'create-null-ids' && entities.sent.some(sendsIdInsteadOfNull),
  },
  {
    reason: 'the driver looks for a secondary, and asked the only member of the replica set nothing',
    // A server that does not answer gives the same error, so the test itself has to ask for a secondary.
    applies: ({ file, test, error }) =>
      error instanceof mongo.MongoServerSelectionError &&
      JSON.stringify([file.createEntities, test.operations]).includes('"secondary"'),
  },
];

/** Why a test that went wrong says nothing about the server; nothing where the server's answer was wrong. */
export function skipReason(circumstances: Circumstances): string | undefined {
  const { error } = circumstances;
  // The driver may wrap the server's answer, or make a result of it.
  const [refusal] = circumstances.entities.refusals;
  if (refusal !== undefined) return refusal;
  if (error instanceof MissingInDriver) return `the driver does not have the operation ${error.message}`;
  return DRIVER_SKIPS.find(({ applies }) => applies(circumstances))?.reason;
}

function sendsIdInsteadOfNull({ name, command }: Exchange): boolean {
  const documents = name === 'insert' ? (command['documents'] as Fields[]) : [];
  return documents.some(({ _id }) => _id instanceof mongo.ObjectId);
}
