import { expect } from 'chai';
import type { UpdateQuery } from 'mongoose';
import { closeTestApps, type AnyDocumentModel } from '../support/test-app.js';
import { scene, type AnyDocument, type Scene } from '../support/scene.js';
import { describeIf, hasHooks, hasPipelineOfDocumentUpdate, itIf, needsOf } from '../support/versions.js';

interface Options {
  arrayFilters?: object[];
  updatePipeline?: boolean;
}

/** Ways in which an update drops values of `target`, and the files that leave with them. */
const forms: {
  name: string;
  update: object | object[];
  options?: Options;
  filter?: object;
  gone: string[];
}[] = [
  { name: '$set of a string', update: { $set: { image: 'new.png' } }, gone: ['old.png'] },
  { name: 'a value without an operator', update: { image: 'new.png' }, gone: ['old.png'] },
  { name: 'null', update: { image: null }, gone: ['old.png'] },
  { name: 'an empty string', update: { image: '' }, gone: ['old.png'] },
  { name: '$unset', update: { $unset: { image: 1 } }, gone: ['old.png'] },
  { name: '$rename away', update: { $rename: { image: 'former' } }, gone: ['old.png'] },
  { name: '$rename onto it', update: { $rename: { former: 'image' } }, gone: ['old.png'] },
  { name: '$set of a whole array', update: { $set: { gallery: ['g2.png'] } }, gone: ['g1.png', 'g3.png'] },
  { name: '$set of one element', update: { $set: { 'gallery.1': 'new.png' } }, gone: ['g2.png'] },
  { name: '$pull', update: { $pull: { gallery: 'g1.png' } }, gone: ['g1.png'] },
  {
    name: '$pullAll',
    update: { $pullAll: { gallery: ['g1.png', 'g2.png'] } },
    gone: ['g1.png', 'g2.png'],
  },
  { name: '$pop', update: { $pop: { gallery: 1 } }, gone: ['g3.png'] },
  {
    name: '$push with $slice',
    update: { $push: { gallery: { $each: ['new.png'], $slice: -2 } } },
    gone: ['g1.png', 'g2.png'],
  },
  { name: '$pull of a sub-document', update: { $pull: { photos: { name: 'back' } } }, gone: ['back.png'] },
  {
    name: '$set of a nested object',
    update: { $set: { profile: { avatar: 'new.png' } } },
    gone: ['avatar.png'],
  },
  { name: '$set of a nested path', update: { $set: { 'profile.avatar': 'new.png' } }, gone: ['avatar.png'] },
  { name: '$unset of the parent', update: { $unset: { profile: 1 } }, gone: ['avatar.png'] },
  { name: '$set of a Map key', update: { $set: { 'thumbs.small': 'new.png' } }, gone: ['small.png'] },
  { name: '$unset of a Map key', update: { $unset: { 'thumbs.large': 1 } }, gone: ['large.png'] },
  {
    name: '$set of a whole Map',
    update: { $set: { thumbs: { small: 'new.png' } } },
    gone: ['large.png', 'small.png'],
  },
  {
    name: 'the positional operator',
    filter: { 'photos.name': 'front', name: 'target' },
    update: { $set: { 'photos.$.url': 'new.png' } },
    gone: ['front.png'],
  },
  {
    name: 'all elements, $[]',
    update: { $set: { 'photos.$[].url': 'new.png' } },
    gone: ['back.png', 'front.png'],
  },
  {
    name: 'arrayFilters',
    update: { $set: { 'photos.$[one].url': 'new.png' } },
    options: { arrayFilters: [{ 'one.name': 'back' }] },
    gone: ['back.png'],
  },
  {
    name: 'a pipeline with $set',
    update: [{ $set: { image: { $concat: ['new', '.png'] } } }],
    options: { updatePipeline: true },
    gone: ['old.png'],
  },
  {
    name: 'a pipeline with $unset',
    update: [{ $unset: ['image'] }],
    options: { updatePipeline: true },
    gone: ['old.png'],
  },
  {
    name: 'a pipeline with $replaceWith',
    update: [{ $replaceWith: { _id: '$_id', name: 'target', image: 'new.png', gallery: '$gallery' } }],
    options: { updatePipeline: true },
    gone: ['avatar.png', 'back.png', 'front.png', 'large.png', 'old.png', 'small.png'],
  },
  {
    name: 'a move to another field',
    update: { $set: { image: 'g1.png' }, $pull: { gallery: 'g1.png' } },
    gone: ['old.png'],
  },
  { name: '$addToSet', update: { $addToSet: { gallery: 'new.png' } }, gone: [] },
  { name: '$push without $slice', update: { $push: { gallery: 'new.png' } }, gone: [] },
  { name: 'the same value', update: { $set: { image: 'old.png', rank: 7 } }, gone: [] },
  { name: 'another path', update: { $set: { rank: 7 } }, gone: [] },
  {
    name: '$setOnInsert on an existing document',
    update: { $setOnInsert: { image: 'new.png' }, $inc: { rank: 1 } },
    gone: [],
  },
];

type Call = (
  Album: AnyDocumentModel,
  target: AnyDocument,
  filter: object,
  update: UpdateQuery<unknown>,
  options: object,
) => unknown;

const calls: { name: string; call: Call; byDocument?: boolean; takesPipelines?: boolean }[] = [
  {
    name: 'Model.updateOne',
    call: (Album, _, filter, update, options) => Album.updateOne(filter, update, options),
  },
  {
    name: 'Model.updateMany',
    call: (Album, _, filter, update, options) => Album.updateMany(filter, update, options),
  },
  {
    name: 'Model.findOneAndUpdate',
    call: (Album, _, filter, update, options) => Album.findOneAndUpdate(filter, update, options),
  },
  {
    name: 'Model.findByIdAndUpdate',
    byDocument: true,
    call: (Album, target, _, update, options) => Album.findByIdAndUpdate(target._id, update, options),
  },
  {
    name: 'doc.updateOne',
    byDocument: true,
    takesPipelines: hasPipelineOfDocumentUpdate,
    call: (_, target, __, update, options) => target.updateOne(update, options),
  },
  {
    name: 'Model.bulkWrite',
    call: (Album, _, filter, update, options) =>
      Album.bulkWrite([{ updateOne: { filter, update, ...options } }] as never),
  },
];

describe('updates', () => {
  let here: Scene;
  beforeEach(async () => {
    here = await scene();
  });
  afterEach(closeTestApps);

  for (const { name: operation, call, byDocument, takesPipelines = true } of calls) {
    describeIf(hasHooks(operation))(operation, () => {
      for (const { name, update, options = {}, filter, gone } of forms) {
        if (byDocument && filter) continue;
        const isPossible = takesPipelines || !Array.isArray(update);
        itIf(isPossible, ...needsOf(name))(
          `${gone.length > 0 ? 'removes what is dropped by' : 'keeps everything on'} ${name}`,
          async () => {
            const { Album, target, goneAfter, s } = here;
            const left = await goneAfter(() =>
              call(Album, target, filter ?? { name: 'target' }, structuredClone(update), { ...options }),
            );
            expect(left).to.deep.equal(gone);
            expect(await s.outcomes()).to.deep.equal(gone.map((file) => `removed ${file}`));
          },
        );
      }
    });
  }
});
