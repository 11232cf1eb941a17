const KNOWN = ['connection', 'bucketName', 'by'];

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkOptions(options: unknown): void {
  const given = (options ?? {}) as Record<string, unknown>;
  const unknown = Object.keys(given).find((name) => !KNOWN.includes(name));
  if (unknown !== undefined) refuse(`unknown option "${unknown}". Known options: ${KNOWN.join(', ')}`);
  const connection = given['connection'] as { base?: { mongo?: unknown } } | null | undefined;
  if (!connection?.base?.mongo) {
    refuse(
      `option "connection" must be a connection of Mongoose, such as mongoose.connection, not ${typeof connection}`,
    );
  }
  const { bucketName, by } = given;
  if (bucketName !== undefined && (typeof bucketName !== 'string' || bucketName === ''))
    refuse(`option "bucketName" must be a string that is not empty, not ${String(bucketName)}`);
  if (by !== undefined && by !== 'id' && by !== 'filename')
    refuse(`option "by" must be 'id' or 'filename', not ${String(by)}`);
}

function refuse(message: string): never {
  throw new TypeError(`gridfsProvider: ${message}.`);
}
