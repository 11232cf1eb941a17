import { createRequire } from 'node:module';
import { join } from 'node:path';
import { here } from '../here.js';

/** What this provider uses of an `S3Client`, by shape: neither its types nor the package are needed to compile. */
export interface S3Sdk {
  /** Sends a command. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any
  send(command: any, options?: any): Promise<any>;
  /** The resolved configuration. */
  readonly config: object;
}

type Command = new (input: object) => object;

/** The commands of `@aws-sdk/client-s3` that are sent. */
export interface S3Commands {
  readonly DeleteObjectsCommand: Command;
  readonly DeleteObjectCommand: Command;
  readonly HeadObjectCommand: Command;
  readonly ListObjectsV2Command: Command;
}

const PACKAGE = '@aws-sdk/client-s3';

/**
 * Finds the optional peer beside this package or beside the app, and loads it when it is used.
 * @throws Error with the install command.
 */
export function locateCommands(places: readonly (string | undefined)[] = placesOfSdk()): () => S3Commands {
  const found = places
    .filter((one) => one !== undefined)
    .map((place) => createRequire(place))
    .find(canResolve);
  if (found) return () => found(PACKAGE) as S3Commands;
  throw new Error(
    `s3Provider needs the package "${PACKAGE}", which is not installed. Run \`npm install ${PACKAGE}@3\`.`,
  );
}

function placesOfSdk(): (string | undefined)[] {
  return [here, join(process.cwd(), 'package.json')];
}

function canResolve(load: NodeJS.Require): boolean {
  try {
    load.resolve(PACKAGE);
    return true;
  } catch {
    return false;
  }
}
