import { mongo } from 'mongoose';
import type { SentCommand } from './entities.js';
import { MissingInDriver } from './operations.js';
import type { Fields, TestCase, TestFile } from './test-file.js';

interface Circumstances {
  file: TestFile;
  test: TestCase;
  /** All that the driver sent in this test. */
  sent: SentCommand[];
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
    applies: ({ file, sent }) => file.name === 'create-null-ids' && sent.some(sendsIdInsteadOfNull),
  },
  {
    reason:
      'the driver reports no error of its own, and sends the command without the write concern in question',
    applies: ({ test, sent }) =>
      expectsClientError(test) &&
      test.description.includes('writeConcern in a transaction') &&
      sent.some(({ name, command }) => name === 'bulkWrite' && !('writeConcern' in command)),
  },
  {
    reason: 'the driver looks for a secondary, and asked the only member of the replica set nothing',
    applies: ({ error }) => error instanceof mongo.MongoServerSelectionError,
  },
];

/** Why a test that went wrong says nothing about the server; nothing where the server's answer was wrong. */
export function skipReason(circumstances: Circumstances): string | undefined {
  const { error } = circumstances;
  if (error instanceof MissingInDriver) return `the driver does not have the operation ${error.message}`;
  return DRIVER_SKIPS.find(({ applies }) => applies(circumstances))?.reason;
}

function sendsIdInsteadOfNull({ name, command }: SentCommand): boolean {
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
