import { Mongoose, type Schema, type Connection } from 'mongoose';
import { imageCleanup, type ImageCleanupOptions } from '../../lib/index.js';
import { closeAfterSpec, freshDatabase } from './database.js';
import { recordingProvider, type RecordingProvider } from './recording-provider.js';

/** One app, and what could be seen of it from outside: results, errors, hooks in order, calls of the user's functions. */
export interface App {
  readonly connection: Connection;
  readonly seen: string[];
  /** The provider of the plugin's app. */
  readonly store: RecordingProvider;
  /** Makes a user's function that notes that it was called. */
  note<A extends unknown[], R>(name: string, act: (...args: A) => R): (...args: A) => R;
}

/** Every path that could hold an image, in child schemas too, so that as much as possible is tracked. */
function imagePaths(schema: Schema): string[] {
  return Object.entries(schema.paths).flatMap(([path, type]) => {
    if (path.includes('$')) return [];
    const { schema: child } = type as { schema?: Schema };
    if (child) return imagePaths(child).map((below) => `${path}.${below}`);
    return ['String', 'Mixed', 'Array', 'Map'].includes(type.instance) ? [path] : [];
  });
}

/** An app of its own Mongoose; with the plugin, it is on every schema that holds anything an image could be. */
export function app(isPlugged: boolean): App {
  const own = new Mongoose();
  const store = recordingProvider();
  own.set('autoCreate', false).set('autoIndex', false);
  if (isPlugged) {
    const options: ImageCleanupOptions = {
      provider: store,
      logger: { warn: () => undefined, error: () => undefined },
    };
    own.plugin(((schema: Schema) => {
      const fields = imagePaths(schema);
      if (fields.length > 0) schema.plugin(imageCleanup, { ...options, fields });
    }) as never);
  }
  const connection = own.createConnection(freshDatabase());
  closeAfterSpec(connection);
  const seen: string[] = [];
  return {
    connection,
    seen,
    store,
    note: (name, act) =>
      function (this: unknown, ...args) {
        seen.push(name);
        return act.apply(this, args);
      },
  };
}

/** A result or an error in a form that two runs can be compared by: ids and times differ, all else must not. */
export function comparable(value: unknown): string {
  const names = new Map<string, string>();
  const text = value instanceof Error ? `${value.name}: ${value.message}` : JSON.stringify(value, null, 1);
  return String(text)
    .replace(/[0-9a-f]{24}/g, (id) => {
      if (!names.has(id)) names.set(id, `id${String(names.size)}`);
      return names.get(id)!;
    })
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, '<time>')
    .replace(/spec_\d+_\d+/g, '<database>')
    .replace(/"(?:\$?clusterTime|operationTime|electionId|opTime)": (?:\{[^}]*\}|"[^"]*")/g, '<time>');
}
