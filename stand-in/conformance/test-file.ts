import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { mongo } from 'mongoose';

export type Fields = Record<string, unknown>;

export interface Requirement {
  minServerVersion?: string;
  maxServerVersion?: string;
  topologies?: string[];
  auth?: boolean;
  serverless?: string;
  csfle?: boolean;
}

export interface TestOperation {
  name: string;
  object: string;
  arguments?: Fields;
  expectError?: Fields;
  expectResult?: unknown;
  saveResultAsEntity?: string;
  ignoreResultAndError?: boolean;
}

export interface TestCase {
  description: string;
  skipReason?: string;
  runOnRequirements?: Requirement[];
  operations: TestOperation[];
  outcome?: CollectionData[];
}

export interface CollectionData {
  databaseName: string;
  collectionName: string;
  createOptions?: Fields;
  documents: Fields[];
}

/** A file of MongoDB's unified test format. */
export interface TestFile {
  folder: string;
  name: string;
  runOnRequirements?: Requirement[];
  createEntities?: Record<string, Fields>[];
  initialData?: CollectionData[];
  tests: TestCase[];
}

export async function readTestFiles(directory: string): Promise<TestFile[]> {
  const files: TestFile[] = [];
  const entries = await readdir(directory, { withFileTypes: true });
  for (const folder of entries
    .filter((entry) => entry.isDirectory())
    .map(({ name }) => name)
    .sort()) {
    const names = (await readdir(join(directory, folder))).filter((name) => name.endsWith('.json'));
    for (const name of names.sort()) {
      const text = await readFile(join(directory, folder, name), 'utf8');
      const parsed = mongo.BSON.EJSON.parse(text, { relaxed: true }) as unknown as TestFile;
      files.push({ ...parsed, folder, name: name.replace(/\.json$/, '') });
    }
  }
  return files;
}
