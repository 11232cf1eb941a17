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
    reason:
      'the driver reports no error of its own, and sends the command without the write concern in question',
    applies: ({ test, entities }) =>
      expectsClientError(test) &&
      test.description.includes('writeConcern in a transaction') &&
      entities.sent.some(({ name, command }) => name === 'bulkWrite' && !('writeConcern' in command)),
  },
  {
    reason: 'the driver makes a partial result of zeros, where the reply said that nothing was done',
    applies: ({ test, entities }) =>
      test.description.startsWith('partialResult is unset') &&
      entities.replies.some(({ name, command }) => name === 'bulkWrite' && hasDoneNothing(command)),
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
  if (error instanceof MissingInDriver) return `the driver does not have the operation ${error.message}`;
  return DRIVER_SKIPS.find(({ applies }) => applies(circumstances))?.reason;
}

function hasDoneNothing(reply: Fields): boolean {
  const counts = ['nInserted', 'nMatched', 'nModified', 'nUpserted', 'nDeleted'];
  return counts.every((count) => reply[count] === 0);
}

function sendsIdInsteadOfNull({ name, command }: Exchange): boolean {
  const documents =
    name === 'insert'
      ? (command['documents'] as Fields[])
      : name === 'bulkWrite'
        ? (command['ops'] as Fields[]).map(({ document }) => (document ?? {}) as Fields)
        : [];
  return documents.some(({ _id }) => _id instanceof mongo.ObjectId);
}

function expectsClientError(test: TestCase): boolean {
  return test.operations.some(({ expectError }) => expectError?.['isClientError'] === true);
}
