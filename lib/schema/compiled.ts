import type { Connection, Schema } from 'mongoose';
import type { AnyModel } from './options.js';

interface SchemaInside {
  readonly base?: { readonly connections?: readonly Connection[] };
  readonly $id?: number;
  readonly $originalSchemaId?: number;
}

/**
 * The model that was compiled from a schema before, whose hooks Mongoose has taken by then: what the schema gets now does not
 * act. A discriminator is compiled from a copy of the schema that was given.
 */
export function modelCompiledFrom(schema: Schema): AnyModel | undefined {
  const { base, $id } = schema as SchemaInside;
  const connections = (base?.connections ?? []) as readonly (Connection & { otherDbs?: Connection[] })[];
  const models = connections
    .flatMap((one) => [one, ...(one.otherDbs ?? [])])
    .flatMap((one) => Object.values(one.models) as AnyModel[]);
  return models.find((model) => {
    const { $originalSchemaId } = model.schema as SchemaInside;
    const isCopy = $originalSchemaId !== undefined && $originalSchemaId === $id;
    return (
      model.schema === schema || (isCopy && (model as { baseModelName?: string }).baseModelName !== undefined)
    );
  });
}
