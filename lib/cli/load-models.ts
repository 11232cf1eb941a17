import type { Connection, Mongoose } from 'mongoose';
import fs from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { isModel } from '../schema/models-option.js';
import type { AnyModel } from '../schema/options.js';
import { hasPlugin } from '../schema/model-fields.js';
import { UsageError } from './arguments.js';

/**
 * Returns the models with the plugin that these files export, or register on any connection of their own Mongoose.
 *
 * @throws UsageError if a file does not exist, cannot be loaded, or has no such model.
 */
export async function loadModels(files: readonly string[], names: readonly string[]): Promise<AnyModel[]> {
  const found = new Set<AnyModel>();
  for (const file of files) {
    const absolute = path.resolve(file);
    if (!fs.existsSync(absolute)) throw new UsageError(`--models ${file}: there is no such file`);
    const exported = await load(absolute, file);
    for (const model of [...modelsIn(exported), ...registeredBeside(absolute)]) found.add(model);
    for (const { base } of [...found]) for (const model of registeredOn(base)) found.add(model);
  }
  const usable = [...found].filter(hasPlugin);
  if (usable.length === 0) {
    const others = [...found].map(({ modelName }) => modelName).join(', ');
    throw new UsageError(
      `--models ${files.join(' ')}: no model with the plugin` +
        (others === ''
          ? ', and no other model; export your models from this file'
          : `; models without it: ${others}`),
    );
  }
  const unknown = names.find((name) => !usable.some(({ modelName }) => modelName === name));
  if (unknown !== undefined) {
    const known = usable.map(({ modelName }) => modelName).join(', ');
    throw new UsageError(`--model ${unknown}: no such model with the plugin; models with it: ${known}`);
  }
  return names.length === 0 ? usable : usable.filter(({ modelName }) => names.includes(modelName));
}

async function load(absolute: string, given: string): Promise<unknown> {
  const isTypeScript = /\.[cm]?tsx?$/.test(absolute);
  try {
    if (isTypeScript) return await loadTypeScript(absolute);
    return (await import(pathToFileURL(absolute).href)) as unknown;
  } catch (thrown) {
    if (thrown instanceof UsageError) throw thrown;
    const why = thrown instanceof Error ? thrown.message : String(thrown);
    throw new UsageError(`--models ${given} could not be loaded: ${why}`, { cause: thrown });
  }
}

/** Loads TypeScript with tsx if it is installed, else with ts-node, else with Node itself. */
async function loadTypeScript(absolute: string): Promise<unknown> {
  const url = pathToFileURL(absolute).href;
  const tsx = resolvedFor(absolute, 'tsx/package.json');
  if (tsx !== undefined) {
    // tsx must be imported for its ESM API, and only Node's own loader resolves imports
    const api = pathToFileURL(path.join(path.dirname(tsx), 'dist/esm/api/index.mjs')).href;
    const { tsImport } = (await import(api)) as { tsImport(file: string, parent: string): Promise<unknown> };
    return tsImport(url, url);
  }
  const tsNode = resolvedFor(absolute, 'ts-node');
  if (tsNode !== undefined) {
    const { register } = createRequire(absolute)(tsNode) as { register(options: object): unknown };
    register({ transpileOnly: true, cwd: path.dirname(absolute) });
    return createRequire(absolute)(absolute) as unknown;
  }
  const features = process.features as { typescript?: unknown };
  if (features.typescript) return (await import(url)) as unknown;
  throw new UsageError(
    `--models ${absolute} is TypeScript: install tsx or ts-node, or give the compiled file`,
  );
}

/** Resolves a package from the models file, then from the working directory. */
function resolvedFor(absolute: string, name: string): string | undefined {
  for (const from of [absolute, path.join(process.cwd(), 'package.json')]) {
    try {
      return createRequire(from).resolve(name);
    } catch {
      // not installed there
    }
  }
  return undefined;
}

/** Models that a file has registered without exporting them. */
function registeredBeside(absolute: string): AnyModel[] {
  const mongoose = resolvedFor(absolute, 'mongoose');
  return mongoose === undefined ? [] : registeredOn(createRequire(absolute)(mongoose) as Mongoose);
}

function registeredOn({ connections = [] }: { connections?: readonly Connection[] }): AnyModel[] {
  return connections.flatMap(({ models }) => Object.values(models) as AnyModel[]);
}

/** Models, and the models of connections, among the exports or in an exported array or object. */
function modelsIn(exported: unknown, depth = 0): AnyModel[] {
  if (isModel(exported)) return [exported];
  if (depth > 2 || typeof exported !== 'object' || exported === null) return [];
  const { models, openUri, connections } = exported as Partial<Connection> & Partial<Mongoose>;
  if (Array.isArray(connections)) return registeredOn({ connections });
  if (typeof openUri === 'function') return Object.values(models ?? {}) as AnyModel[];
  return Object.values(exported).flatMap((inner) => modelsIn(inner, depth + 1));
}
