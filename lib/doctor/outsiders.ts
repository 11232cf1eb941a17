import type { AnyModel } from '../schema/options.js';
import { hasPlugin } from '../schema/model-fields.js';
import type { Scope } from '../usage/scope.js';
import { shownExample } from './example.js';
import type { Examination } from './examination.js';
import { likenessOf, type Likeness } from './looks-like-file.js';
import type { Finding } from './report.js';
import { sampledDocuments } from './sampling.js';
import { StoredFiles } from './stored.js';
import { valuesIn } from './whole-documents.js';

/** How many paths of one model are reported. */
const MOST_PATHS = 20;
const EXAMPLES = 3;

/** Values of one path that seem to be files. */
interface Seen {
  readonly likeness: Likeness;
  count: number;
  readonly examples: string[];
}

/** Finds models and fields whose values look like files, and that no question before a removal asks. */
export async function findOutsiders(run: Examination): Promise<void> {
  const scope = run.scope();
  const stored = new StoredFiles(run.providers);
  const collections = new Set<string>();
  for (const model of run.registered) {
    const place = `${model.db.name}\0${model.db.host}\0${model.collection.name}`;
    if (collections.has(place) || run.isIgnored(model.modelName)) continue;
    collections.add(place);
    run.begin(`other values of ${model.modelName}`);
    await examineModel(run, model, { asked: askedPaths(scope, model), stored });
  }
}

function askedPaths({ collections }: Scope, model: AnyModel): string[] {
  return collections
    .filter(({ connection, name }) => connection === model.db && name === model.collection.name)
    .flatMap(({ fields }) => fields.map(({ field }) => field.path));
}

async function examineModel(
  run: Examination,
  model: AnyModel,
  { asked, stored }: { asked: readonly string[]; stored: StoredFiles },
): Promise<void> {
  const seen = new Map<string, Seen>();
  const wanted = { filter: {}, limit: run.options.sample };
  for await (const document of sampledDocuments(run, model, wanted)) {
    for (const { path, value } of valuesIn(document, model.schema, asked)) {
      if (asked.some((one) => isAtOrBelow(path, one))) continue;
      const likeness = likenessOf(value) ?? ((await stored.has(value)) ? 'a file' : null);
      if (likeness) note(seen, path, { likeness, example: shownExample(value, run.providers) });
    }
  }
  for (const [path, one] of seen) {
    if (!run.isIgnored(`${model.modelName}.${path}`)) run.find(findingFor(model, path, one));
  }
}

function isAtOrBelow(path: string, asked: string): boolean {
  return path === asked || path.startsWith(`${asked}.`);
}

function note(
  seen: Map<string, Seen>,
  path: string,
  { likeness, example }: { likeness: Likeness; example: string },
): void {
  let known = seen.get(path);
  if (!known) {
    if (seen.size >= MOST_PATHS) return;
    known = { likeness, count: 0, examples: [] };
    seen.set(path, known);
  }
  known.count++;
  if (known.examples.length < EXAMPLES && !known.examples.includes(example)) known.examples.push(example);
}

function findingFor(model: AnyModel, path: string, { likeness, count, examples }: Seen): Finding {
  const { modelName } = model;
  const why = hasPlugin(model) ? 'does not track this path' : 'has no plugin';
  const isText = likeness === 'a text with images';
  const reference = `{ model: '${modelName}', fields: ['${path}']${isText ? ', mentions: true' : ''} }`;
  const track = hasPlugin(model)
    ? `add '${path}' to "fields"`
    : `apply the plugin to its schema with fields: ['${path}']`;
  return {
    kind: 'out-of-scope',
    about: `${modelName}.${path}`,
    message:
      `${String(count)} sampled value${count === 1 ? ' looks' : 's look'} like ${likeness}, and the model ${why}: ` +
      'these files are not looked for before a removal, and would be lost',
    advice:
      (isText ? '' : `${track}, or `) +
      `name it in "references" of the other models: ${reference}; if these are not your files, ignore '${modelName}.${path}'`,
    count,
    examples,
  };
}
