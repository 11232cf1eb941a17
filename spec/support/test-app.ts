import { type Connection, type Model, Schema, type SchemaDefinition, type SchemaOptions } from 'mongoose';
import {
  cleanupFor,
  imageCleanup,
  localProvider,
  type CleanupEvent,
  type ImageCleanupOptions,
} from '../../lib/index.js';
import { connect } from './database.js';
import { Uploads } from './uploads.js';

// eslint-disable-next-line @typescript-eslint/no-explicit-any
export type AnyDocumentModel = Model<any>;

/** What most specs need: a folder, a connection, events, and models with the plugin over them. */
export interface TestApp {
  readonly uploads: Uploads;
  readonly connection: Connection;
  /** Every event of every model made here, in order. */
  readonly events: CleanupEvent[];
  /** What was logged, in order. */
  readonly log: string[];
  /** Plugin options that every model made here gets: a local provider over `uploads`, `onEvent`, `logger`. */
  readonly options: ImageCleanupOptions;
  /** A model with the plugin; `fields` default to `['image']`. */
  model(
    name: string,
    definition: SchemaDefinition,
    options?: ImageCleanupOptions,
    schemaOptions?: SchemaOptions,
  ): AnyDocumentModel;
  /** `outcome value (reason)` of the events so far, sorted; then forgets them. Waits until idle. */
  outcomes(): Promise<string[]>;
}

const testApps = new Set<TestApp>();

export async function testApp(): Promise<TestApp> {
  const uploads = await Uploads.create();
  const connection = await connect();
  const events: CleanupEvent[] = [];
  const log: string[] = [];
  const note = (message: string): void => {
    log.push(message);
  };
  const options: ImageCleanupOptions = {
    provider: localProvider({ root: uploads.root }),
    onEvent: (event) => events.push(event),
    logger: { warn: note, error: note },
  };
  const made: TestApp = {
    uploads,
    connection,
    events,
    log,
    options,
    model(name, definition, own = {}, schemaOptions = {}) {
      const schema = new Schema(definition, schemaOptions);
      schema.plugin(imageCleanup, { fields: ['image'], ...options, ...own });
      return connection.model(name, schema) as AnyDocumentModel;
    },
    async outcomes() {
      await cleanupFor(connection).idle();
      const told = events.splice(0).map(({ outcome, value, reason }) => {
        const stored = typeof value === 'string' ? value : JSON.stringify(value);
        return reason === undefined ? `${outcome} ${stored}` : `${outcome} ${stored} (${reason})`;
      });
      return told.sort();
    },
  };
  testApps.add(made);
  return made;
}

/** To be called in `afterEach` by specs that use `testApp`. */
export async function closeTestApps(): Promise<void> {
  for (const { uploads } of testApps) await uploads.destroy();
  testApps.clear();
}
