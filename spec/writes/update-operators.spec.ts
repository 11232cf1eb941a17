import { expect } from 'chai';
import { Schema, type Connection } from 'mongoose';
import { inspect } from 'node:util';
import { imageCleanup } from '../../lib/index.js';
import { imagesAt } from '../../lib/schema/field-values.js';
import { trackedOf } from '../../lib/schema/model-fields.js';
import { fieldsDropped, fieldsStored, writtenValues } from '../../lib/writes/update-operators.js';
import { connect } from '../support/database.js';
import { ARRAYS } from './update-operators/arrays.js';
import { MAPS } from './update-operators/maps.js';
import { ONE_VALUE } from './update-operators/one-value.js';
import { SHAPES, type Row } from './update-operators/row.js';
import { WHOLE } from './update-operators/whole.js';
import { itWith } from '../support/versions.js';
import { type Ability } from '../support/mongodb/abilities.js';

type TrackedHere = ReturnType<typeof trackedOf>[number];

function trackedFor({ field }: Row, connection: Connection): TrackedHere {
  const schema = new Schema({ ...SHAPES[field].definition, title: String });
  schema.plugin(imageCleanup, { fields: [field], enabled: false });
  return trackedOf(connection.model('Album', schema) as never)[0]!;
}

/** The values of a document before and after the update; `undefined` if this MongoDB does not know the operator. */
async function truthOf(
  { field, update, on, isRefused }: Row,
  { connection, tracked }: { connection: Connection; tracked: TrackedHere },
): Promise<{ before: unknown[]; after: unknown[] } | undefined> {
  const albums = connection.collection('albums');
  const { insertedId: _id } = await albums.insertOne({
    title: 'one',
    ...(on.document ?? SHAPES[field].document),
  });
  const valuesNow = async (): Promise<unknown[]> => imagesAt(await albums.findOne({ _id }), tracked.field);
  const before = await valuesNow();
  const isReplacement = !Array.isArray(update) && !Object.keys(update).some((name) => name.startsWith('$'));
  const filter = { _id, ...on.filter };
  const { arrayFilters } = on;
  const error: unknown = await (
    isReplacement
      ? albums.replaceOne(filter, update)
      : albums.updateOne(filter, update, { ...(arrayFilters && { arrayFilters }) })
  ).then(
    () => undefined,
    (one: unknown) => one,
  );
  if (/left out of the stand-in/.test(String(error))) return undefined;
  expect(error !== undefined, String(error)).to.equal(isRefused);
  return { before, after: await valuesNow() };
}

function lacks(values: readonly unknown[], wanted: readonly unknown[]): boolean {
  const known = new Set(values.map((one) => JSON.stringify(one)));
  return wanted.some((one) => !known.has(JSON.stringify(one)));
}

describe('which fields an update can drop and store, and what really happens', () => {
  for (const row of [...ONE_VALUE, ...ARRAYS, ...MAPS, ...WHOLE]) {
    const needed: Ability[] = Array.isArray(row.update) ? ['updates by pipelines'] : [];
    itWith(...needed)(row.title, async () => {
      const connection = await connect();
      const tracked = trackedFor(row, connection);
      const canDrop = fieldsDropped(row.update, [tracked]).length > 0;
      const stores = fieldsStored(row.update, [tracked]).length > 0;
      expect(canDrop, 'can drop').to.equal(row.loss !== 'keeps');
      expect(stores, 'stores').to.equal(row.stores);
      expect(writtenValues(row.update, [tracked])).to.deep.equal(row.written);

      const truth = await truthOf(row, { connection, tracked });
      if (!truth) return;
      const { before, after } = truth;
      expect(before).not.to.deep.equal([]);
      // a loss that the code does not expect would leave the file for ever
      const isLost = lacks(after, before);
      expect(isLost ? 'drops' : canDrop ? 'may drop' : 'keeps', inspect(truth)).to.equal(row.loss);
      if (lacks(before, after)) expect(stores || row.isUnseen, inspect(truth)).to.equal(true);
      else expect(row.isUnseen, inspect(truth)).to.equal(false);
    });
  }
});
