import type { ClientSession } from 'mongoose';
import { cleanupFor } from '../../lib/index.js';
import type { AnyDocumentModel } from '../support/test-app.js';
import { documentOf, pathOf, pathsOf, updateOf, type Forms } from './contents.js';
import type { BulkPart, Operation, Where } from './steps.js';
import type { World } from './world.js';
import { has } from '../support/mongodb/abilities.js';

/** Everything that Mongoose takes as options of a call, in one object. */
type Options = Record<string, unknown> & { session?: ClientSession };

/**
 * Carries out one operation through Mongoose. Rejects as Mongoose does. Resolves with whether all values of the operation
 * were in a document then, for certain.
 */
export async function perform(
  world: World,
  operation: Operation,
  forms: Forms,
  options: Options,
): Promise<boolean> {
  const model = world.model(operation.model);
  switch (operation.do) {
    case 'create':
      await model.create([await documentOf(operation.content, forms)], options);
      return true;
    case 'copy': {
      const original = await read(model.findById(await idAt(model, operation.doc, options)), options);
      if (!original) return false;
      const { _id: _, ...content } = original.toObject({ flattenMaps: true }) as Record<string, unknown>;
      await model.create([content], options);
      return true;
    }
    case 'save':
    case 'saveArrays':
    case 'saveStale':
    case 'bulkSave':
      return save(model, operation, forms, options);
    case 'update': {
      const { update, options: own } = await updateOf(operation.change, forms);
      const all = { ...options, ...own, ...(operation.upsert === true && { upsert: true }) };
      const result = await query(model, operation.call, operation.where, [update], all);
      return 'set' in operation.change && hasHit(result);
    }
    case 'replace': {
      const replacement = await documentOf(operation.content, forms);
      return hasHit(await query(model, operation.call, operation.where, [replacement], options));
    }
    case 'delete':
      await query(model, operation.call, operation.where, [], options);
      return false;
    case 'bulkWrite': {
      const parts = [];
      for (const part of operation.parts) parts.push(await bulkPart(model, part, forms, options));
      await model.bulkWrite(parts as never, { ...options, ordered: operation.ordered });
      return false;
    }
    case 'removeUnused': {
      const values = [];
      for (const value of operation.values) values.push(await forms.resolve(value, null));
      const { after } = operation;
      const { session } = options;
      await cleanupFor(model).removeUnused(values, {
        ...(session && { session }),
        ...(after !== undefined && { after }),
      });
      return false;
    }
  }
}

/** By the counts of an update, or the document of a `findOneAnd…`; one that inserts answers with none. */
function hasHit(result: unknown): boolean {
  if (result === null || result === undefined) return false;
  const { matchedCount = 1, upsertedCount = 0 } = result as { matchedCount?: number; upsertedCount?: number };
  return matchedCount + upsertedCount > 0;
}

/** The `_id` of the document at a place; that of no document when there are none. */
async function idAt(model: AnyDocumentModel, place: number, options: Options): Promise<unknown> {
  // no `find`, which a fault may be waiting for that is meant for the library
  const found = await model.collection
    .aggregate([{ $project: { _id: 1 } }], options.session && { session: options.session as never })
    .toArray();
  return found.length === 0 ? undefined : found[place % found.length]!._id;
}

async function filterOf(model: AnyDocumentModel, where: Where, options: Options): Promise<object> {
  if ('group' in where) return { group: where.group };
  return { _id: (await idAt(model, where.doc, options)) ?? '0'.repeat(24) };
}

/** A server that knows no sort of an update refuses it. */
function isSortable(call: string): boolean {
  if (call === 'updateOne' || call === 'replaceOne') return has('sorted updates');
  return !/Many$/.test(call);
}

async function query(
  model: AnyDocumentModel,
  call: string,
  where: Where,
  args: unknown[],
  options: Options,
): Promise<unknown> {
  const sort =
    'sort' in where && where.sort !== undefined && isSortable(call) ? { sort: { count: where.sort } } : {};
  const filter = await filterOf(model, where, options);
  if (call.startsWith('doc.')) {
    const document = await read(model.findOne(filter), options);
    const method = call.slice(4) as 'updateOne';
    return document && (await document[method](...(args as [object]), options as never));
  }
  return model[call as 'updateOne'](filter, ...(args as [object]), { ...options, ...sort } as never);
}

async function save(
  model: AnyDocumentModel,
  operation: Operation & { do: 'save' | 'saveArrays' | 'saveStale' | 'bulkSave' },
  forms: Forms,
  options: Options,
): Promise<boolean> {
  if (operation.do === 'bulkSave') {
    const documents = await read(model.find().limit(operation.sets.length), options);
    for (const [index, content] of operation.sets.entries()) {
      documents[index]?.set(await pathsOf(content, forms));
    }
    if (documents.length > 0) await model.bulkSave(documents, options as never);
    return false;
  }
  const id = await idAt(model, operation.doc, options);
  const document = await read(model.findById(id), options);
  if (!document) return false;
  if (operation.do === 'saveStale') {
    const stale = await read(model.findById(id), options);
    await document.set(await pathsOf(operation.first, forms)).save(options);
    await stale?.set(await pathsOf(operation.second, forms)).save(options);
    return false;
  }
  if (operation.do === 'saveArrays') {
    const { gallery, photos } = document as unknown as { gallery?: string[]; photos?: { url: string }[] };
    if (gallery && gallery.length > 0) gallery.splice(operation.drop % gallery.length, 1);
    photos?.pop();
    document.set('gallery', [...(gallery ?? []), await forms.resolve(operation.push, 'gallery')]);
    photos?.push({ url: (await forms.resolve(operation.push, 'photos.url')) as string });
    await document.save(options);
    return false;
  }
  document.set(await pathsOf(operation.set, forms));
  if (operation.unset) document.set(pathOf(operation.unset), undefined);
  const partly = operation.partly && { pathsToSave: [pathOf(operation.partly)] };
  await document.save({ ...options, ...partly });
  return operation.unset === undefined && operation.partly === undefined;
}

async function bulkPart(
  model: AnyDocumentModel,
  part: BulkPart,
  forms: Forms,
  options: Options,
): Promise<unknown> {
  if ('insert' in part) return { insertOne: { document: await documentOf(part.insert, forms) } };
  if ('insertAgain' in part)
    return { insertOne: { document: { _id: await idAt(model, part.insertAgain, options) } } };
  if ('updateOne' in part || 'updateMany' in part) {
    const kind = 'updateOne' in part ? 'updateOne' : 'updateMany';
    const where = 'updateOne' in part ? part.updateOne : part.updateMany;
    const { update, options: own } = await updateOf(part.change, forms);
    const upsert = 'upsert' in part && part.upsert === true && { upsert: true };
    return { [kind]: { filter: await filterOf(model, where, options), update, ...own, ...upsert } };
  }
  if ('replaceOne' in part) {
    const filter = await filterOf(model, part.replaceOne, options);
    return { replaceOne: { filter, replacement: await documentOf(part.content, forms) } };
  }
  if ('deleteOne' in part) return { deleteOne: { filter: await filterOf(model, part.deleteOne, options) } };
  return { deleteMany: { filter: await filterOf(model, part.deleteMany, options) } };
}

/** Without a session the one of an async storage counts; `session(null)` would read past it. */
function read<Q extends { session(session: ClientSession): unknown }>(query: Q, { session }: Options): Q {
  if (session) query.session(session);
  return query;
}
