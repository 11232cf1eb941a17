import type { Connection } from 'mongoose';
import { checkOptions, oneOf, TEXT, type Rules } from '../../shared/option-rules.js';

/** Options of `gridfsProvider`. */
export interface GridfsOptions {
  /** The connection of the database that has the bucket. It may be opened later. */
  readonly connection: Connection;
  /** The name of the bucket. Default: `'fs'`, like that of `GridFSBucket`. */
  readonly bucketName?: string;
  /** What documents store: the file's id, or its filename, which means all revisions of that name. Default: `'id'`. */
  readonly by?: 'id' | 'filename';
}

const RULES: Rules<GridfsOptions> = {
  connection: {
    allowed: 'a connection of Mongoose, such as mongoose.connection',
    is: (value) => Boolean((value as { base?: { mongo?: unknown } } | null | undefined)?.base?.mongo),
    isRequired: true,
  },
  bucketName: TEXT,
  by: oneOf('id', 'filename'),
};

/** @throws TypeError that names the option, what was given and what is allowed. */
export function checkGridfsOptions(options: unknown): asserts options is GridfsOptions {
  checkOptions('gridfsProvider', options, RULES);
}
