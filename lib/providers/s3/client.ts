import { join } from 'node:path';
import { loaderOf } from '../../shared/optional-peer.js';
import { here } from '../this-file.js';

/**
 * The parts of an `S3Client` that this provider uses. Declared here, so that neither its types nor the package are
 * needed to compile.
 */
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
 * Locates the optional peer beside this package or beside the app, and loads it when it is used.
 * @throws Error with the install command.
 */
export function locateCommands(places: readonly (string | undefined)[] = placesOfSdk()): () => S3Commands {
  const load = loaderOf(PACKAGE, places);
  if (load) return () => load() as S3Commands;
  throw new Error(
    `s3Provider needs the package "${PACKAGE}", which is not installed. Run \`npm install ${PACKAGE}@3\`.`,
  );
}

function placesOfSdk(): (string | undefined)[] {
  return [here, join(process.cwd(), 'package.json')];
}
