import { imagesAt, projectionOf, queryablePath } from '../schema/field-values.js';
import { trackedOf, type Tracked } from '../schema/model-fields.js';
import type { AnyModel } from '../schema/options.js';
import { driverCollection } from '../usage/scope.js';
import { safeReadingsOf } from '../usage/meaning.js';
import { FieldSample } from './field-sample.js';
import type { Examination } from './examination.js';
import { NamedFiles } from './named-files.js';
import type { ExaminedField } from './report.js';
import { sampledDocuments } from './sampling.js';

/** Examines the stored values of each field. Returns the files that they name. */
export async function examineValues(run: Examination): Promise<NamedFiles> {
  const named = new NamedFiles();
  for (const model of run.models) {
    const fields: ExaminedField[] = [];
    for (const tracked of trackedOf(model)) {
      run.begin(`values of ${model.modelName}.${tracked.field.path}`);
      fields.push(await examineField(run, { model, tracked, named }));
    }
    run.examinedModels.push({
      model: model.modelName,
      database: model.db.name,
      collection: model.collection.name,
      documents: await sizeOf(run, model),
      fields,
      cost: null,
    });
  }
  return named;
}

interface Examined {
  readonly model: AnyModel;
  readonly tracked: Tracked;
  readonly named: NamedFiles;
}

async function examineField(run: Examination, { model, tracked, named }: Examined): Promise<ExaminedField> {
  const { field, providers } = tracked;
  const sample = new FieldSample(`${model.modelName}.${field.path}`, tracked);
  const { sample: most } = run.options;
  const values: unknown[] = [];
  const wanted = {
    filter: { [queryablePath(field)]: { $exists: true, $nin: [null, '', []] } },
    projection: projectionOf([field]),
    limit: most,
  };
  for await (const document of sampledDocuments(run, model, wanted)) {
    const all = imagesAt(document, field);
    // values from a text say something only if a provider knows them
    const known = field.text ? all.filter((one) => isKnown(one, providers)) : all;
    values.push(...known.slice(0, most - values.length));
    if (values.length >= most) break;
  }
  await sample.read(values, run.timeoutMs);
  for (const reading of sample.readings) named.add(reading);
  for (const finding of sample.findings()) {
    if (!run.isIgnored(model.modelName, finding.about)) run.find(finding);
  }
  return {
    field: field.path,
    providers: providers.map(({ name }) => name),
    sampled: values.length,
    counts: sample.counts,
  };
}

function isKnown(value: unknown, providers: Tracked['providers']): boolean {
  return providers.some((provider) => safeReadingsOf(value, provider).length > 0);
}

async function sizeOf(run: Examination, model: AnyModel): Promise<number | null> {
  const asked = { connection: model.db, name: model.collection.name, fields: [], models: [model] };
  try {
    return await driverCollection(asked).estimatedDocumentCount({ maxTimeMS: run.timeoutMs });
  } catch {
    return null;
  }
}
