import type { mongo } from 'mongoose';
import { Entities } from './entities.js';
import { Mismatch, expectMatch } from './expectation.js';
import type { RunAll } from './operations.js';
import { perform } from './operations.js';
import type { Fields, TestCase, TestFile, TestOperation } from './test-file.js';

const TEST_LIMIT_MS = 15_000;

/** Runs one test; throws where the server's answers are not what the file expects. */
export async function runTest(
  file: TestFile,
  test: TestCase,
  uri: string,
  admin: mongo.MongoClient,
  entities = new Entities(uri),
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Mismatch(`no end after ${TEST_LIMIT_MS} ms`)), TEST_LIMIT_MS);
  });
  try {
    await Promise.race([run(file, test, admin, entities), timeout]);
  } finally {
    clearTimeout(timer);
    await entities.close();
    for (const configureFailPoint of entities.failPoints)
      await admin.db('admin').command({ configureFailPoint, mode: 'off' });
    // On a mongod a killed session counts as interrupted, also the one that asks for it.
    await admin
      .db('admin')
      .command({ killAllSessions: [] })
      .catch(() => undefined);
  }
}

async function run(
  file: TestFile,
  test: TestCase,
  admin: mongo.MongoClient,
  entities: Entities,
): Promise<void> {
  await insertInitialData(file, admin);
  await entities.create(file.createEntities ?? []);
  for (const operation of test.operations) await check(operation, entities, admin);
  for (const { databaseName, collectionName, documents } of test.outcome ?? []) {
    const found = await admin.db(databaseName).collection(collectionName).find().sort({ _id: 1 }).toArray();
    expectMatch(documents, found, { entities }, 'outcome');
  }
}

async function insertInitialData(file: TestFile, admin: mongo.MongoClient): Promise<void> {
  for (const { databaseName, collectionName, documents, createOptions = {} } of file.initialData ?? []) {
    const database = admin.db(databaseName);
    await database.dropCollection(collectionName).catch(() => undefined);
    const collection = await database.createCollection(collectionName, createOptions);
    if (documents.length) await collection.insertMany(documents.map((document) => ({ ...document })));
  }
}

/** Gives the error that the test expected, if it did. */
async function check(
  operation: TestOperation,
  entities: Entities,
  admin: mongo.MongoClient,
): Promise<Error | undefined> {
  const { name, expectError, expectResult, ignoreResultAndError } = operation;
  const runAll: RunAll = async (operations) => {
    for (const one of operations) {
      const failure = await check(one, entities, admin);
      if (failure) throw failure;
    }
  };
  let result: unknown;
  try {
    result = await perform(operation, entities, admin, runAll);
    if (operation.saveResultAsEntity !== undefined) {
      entities.save(operation.saveResultAsEntity, result);
      return undefined;
    }
  } catch (error) {
    if (error instanceof Mismatch) throw error;
    if (ignoreResultAndError) return undefined;
    if (!expectError) throw error;
    checkError(name, error as mongo.MongoServerError, expectError, entities);
    return error as Error;
  }
  if (expectError) throw new Mismatch(`${name}: expected an error ${JSON.stringify(expectError)}`);
  if (expectResult === undefined || ignoreResultAndError) return undefined;
  expectMatch(expectResult, plainResult(result), { entities, isRoot: true }, name);
  return undefined;
}

interface DriverError extends mongo.MongoServerError {
  result?: unknown;
  partialResult?: unknown;
}

function checkError(name: string, error: mongo.MongoServerError, expected: Fields, entities: Entities): void {
  if (typeof error.hasErrorLabel !== 'function') throw error;
  const causes = [error, error.cause, error.errorResponse] as (Fields | undefined)[];
  const has = (field: string, value: unknown): boolean => causes.some((cause) => cause?.[field] === value);
  const complain = (what: string): Mismatch =>
    new Mismatch(`${name}: ${what}; got ${error.code}: ${error.message}`);
  const { errorCode, errorCodeName, errorContains, expectResult } = expected;
  if (errorCode !== undefined && !has('code', errorCode))
    throw complain(`expected code ${String(errorCode)}`);
  if (errorCodeName !== undefined && !has('codeName', errorCodeName)) {
    throw complain(`expected codeName ${String(errorCodeName)}`);
  }
  if (
    errorContains !== undefined &&
    !error.message.toLowerCase().includes(String(errorContains).toLowerCase())
  ) {
    throw complain(`expected a message with "${String(errorContains)}"`);
  }
  for (const label of (expected['errorLabelsContain'] ?? []) as string[]) {
    if (!error.hasErrorLabel(label)) throw complain(`expected label ${label}`);
  }
  for (const label of (expected['errorLabelsOmit'] ?? []) as string[]) {
    if (error.hasErrorLabel(label)) throw complain(`expected no label ${label}`);
  }
  if (expectResult === undefined) return;
  const { partialResult, result } = error as DriverError;
  expectMatch(
    expectResult,
    plainResult(partialResult ?? result),
    { entities, isRoot: true },
    `${name}: result`,
  );
}

/** Results of the driver have getters and Maps; the test files know only fields. */
function plainResult(result: unknown): unknown {
  const isResult = result !== null && typeof result === 'object' && !Array.isArray(result);
  if (!isResult || '_bsontype' in result || result instanceof Date) return result;
  const plain: Fields = {};
  for (const key of Object.keys(result)) plain[key] = plainMap((result as Fields)[key]);
  for (const field of ['insertedCount', 'matchedCount', 'modifiedCount', 'deletedCount', 'upsertedCount']) {
    if (field in result) plain[field] = (result as Fields)[field];
  }
  for (const field of ['upsertedIds', 'insertedIds'])
    if (field in result) plain[field] = (result as Fields)[field];
  return plain;
}

function plainMap(value: unknown): unknown {
  if (!(value instanceof Map)) return value;
  return Object.fromEntries([...value].map(([key, entry]) => [String(key), plainUpdate(entry)]));
}

/** `didUpsert` is a field that only the Node driver gives. */
function plainUpdate(entry: unknown): unknown {
  if (entry === null || typeof entry !== 'object') return entry;
  const { didUpsert: _didUpsert, ...rest } = entry as Fields;
  return rest;
}
