const EVERYDAY = [
  'VersionError',
  'DocumentNotFoundError',
  'MongoBulkWriteError',
  'MongooseBulkSaveIncompleteError',
];

/** What Mongoose or MongoDB may say to such operations, with the plugin or without. */
export function tolerate(error: unknown): void {
  const { name = '', code } = error as { name?: string; code?: number };
  if (EVERYDAY.includes(name)) return;
  // a duplicate key; a path that does not fit the document
  if (name === 'MongoServerError' && [11000, 2, 28, 40, 112].includes(Number(code))) return;
  throw error;
}
