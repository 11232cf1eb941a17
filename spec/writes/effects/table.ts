import type { Call, Shown } from './shown.js';

type Row = readonly [call: Call, does: Shown | 'nothing'];

const SET = { $set: { image: 'new.png' } };
const NAMED = { $set: { title: 'two' } };
const set = (filter: object, more: object = {}): object => ({ updateOne: { filter, update: SET, ...more } });
const remove = (filter: object, more: object = {}): object => ({ deleteOne: { filter, ...more } });
const all = 'image, gallery';

export const SINGLE: readonly Row[] = [
  [['updateOne', { a: 1 }, SET], { hits: ['{a:1}, limit 1'], drops: 'image' }],
  [['updateMany', { a: 1 }, SET], { hits: ['{a:1}'], drops: 'image' }],
  [['updateMany', {}, NAMED], 'nothing'],
  [['updateMany', {}, { $set: { image: 1 }, $pull: { gallery: 'a' } }], { hits: ['{}'], drops: all }],
  [['updateMany', {}, { $push: { gallery: 'a' } }], { hits: ['{}'], drops: '' }],
  [['updateOne', {}, {}], { hits: ['{}, limit 1'], drops: all }],
  [['updateMany', {}, [{ $set: { title: 'two' } }]], { hits: ['{}'], drops: '' }],
  [
    ['updateOne', {}, SET, { sort: { a: -1 } }],
    { hits: ['{}, limit 1, sort {a:-1}', '{}, limit 1, no sort'], drops: 'image' },
  ],
  [
    ['replaceOne', {}, { title: 'two' }, { sort: { a: -1 } }],
    { hits: ['{}, limit 1, sort {a:-1}', '{}, limit 1, no sort'], drops: all },
  ],
  [
    ['findOneAndUpdate', {}, SET, { sort: { a: -1 } }],
    { hits: ['{}, limit 1, sort {a:-1}'], drops: 'image' },
  ],
  [['findOneAndUpdate', {}, NAMED], 'nothing'],
  [['findOneAndReplace', {}, { image: 'new.png' }], { hits: ['{}, limit 1'], drops: all }],
  // the options of the call hold its sort
  [['findOneAndDelete', {}, { sort: { a: -1 } }], { hits: ['{}, limit 1'], drops: all }],
  [['deleteOne', { a: 1 }, { sort: { a: -1 } }], { hits: ['{a:1}, limit 1, no sort'], drops: all }],
  [['deleteMany', { a: 1 }], { hits: ['{a:1}'], drops: all }],
  [['deleteMany', {}, { imageCleanup: false }], 'nothing'],
  [['insertOne', { image: 'new.png' }], { hits: [], drops: '' }],
  [['insertOne', { title: 'two' }], 'nothing'],
  [['insertMany', [{ title: 'one' }, { gallery: ['new.png'] }]], { hits: [], drops: '' }],
];

export const BULK: readonly Row[] = [
  [['bulkWrite', []], 'nothing'],
  [['bulkWrite', [{ updateOne: { filter: {}, update: NAMED } }]], 'nothing'],
  [['bulkWrite', [{ insertOne: { document: { title: 'one' } } }]], 'nothing'],
  [['bulkWrite', [{ insertOne: { document: { image: 'new.png' } } }]], { hits: [], drops: '' }],
  [['bulkWrite', [{ unheardOf: { filter: {} } }]], 'nothing'],
  [['bulkWrite', [set({ _id: 1 }), set({ _id: 2 })]], { hits: ['{_id:{$in:[1,2]}}'], drops: 'image' }],
  [['bulkWrite', [set({ _id: 1, a: 1 })]], { hits: ['{_id:{$in:[1]}}'], drops: 'image' }],
  [['bulkWrite', [remove({ _id: 1 })]], { hits: ['{_id:{$in:[1]}}'], drops: all }],
  [
    ['bulkWrite', [{ updateOne: { filter: { a: 1 }, update: NAMED } }, set({ _id: 2 })]],
    { hits: ['{_id:{$in:[2]}}'], drops: 'image' },
  ],
  [['bulkWrite', [set({ _id: { $gt: 1 } })]], { hits: ['{_id:{$gt:1}}, limit 1'], drops: 'image' }],
  [
    ['bulkWrite', [set({ _id: 'a' }, { collation: { locale: 'en', strength: 2 } })]],
    { hits: ['{_id:a}, limit 1, collation {locale:en,strength:2}'], drops: 'image' },
  ],
  // the first may make the document match the second
  [
    ['bulkWrite', [{ updateOne: { filter: { a: 1 }, update: { $set: { b: 2 } } } }, set({ b: 2 })]],
    { hits: ['{a:1}, limit 2', '{b:2}, limit 2'], drops: 'image' },
  ],
  // three operations with one filter may hit three documents
  [
    ['bulkWrite', [remove({ a: 1 }), remove({ a: 1 }), remove({ a: 1 })]],
    { hits: ['{a:1}, limit 3', '{a:1}, limit 3', '{a:1}, limit 3'], drops: all },
  ],
  [
    ['bulkWrite', [remove({ a: 1 }), { deleteMany: { filter: { b: 1 } } }]],
    { hits: ['{a:1}', '{b:1}'], drops: all },
  ],
  [['bulkWrite', [{ updateMany: { filter: { a: 1 }, update: SET } }]], { hits: ['{a:1}'], drops: 'image' }],
  [
    ['bulkWrite', [set({ _id: 1 }), set({ a: 1 })]],
    { hits: ['{_id:{$in:[1]}}', '{a:1}, limit 2'], drops: 'image' },
  ],
  [
    ['bulkWrite', [set({ a: 1 }, { sort: { b: 1 }, hint: 'a_1' })]],
    { hits: ['{a:1}, limit 1, sort {b:1}, hint a_1', '{a:1}, limit 1, no sort, hint a_1'], drops: 'image' },
  ],
  [
    ['bulkWrite', [{ replaceOne: { filter: { a: 1 }, replacement: { title: 'two' }, sort: { b: 1 } } }]],
    { hits: ['{a:1}, limit 1, sort {b:1}', '{a:1}, limit 1, no sort'], drops: all },
  ],
  [
    ['bulkWrite', [remove({ a: 1 }, { sort: { b: 1 }, hint: { a: 1 } })]],
    { hits: ['{a:1}, limit 1, hint {a:1}'], drops: all },
  ],
  [
    ['bulkWrite', [{ insertOne: { document: { image: 'new.png' } } }, remove({ a: 1 })]],
    { hits: ['{a:1}, limit 1'], drops: all },
  ],
  [
    ['bulkWrite', [{ updateMany: { filter: {}, update: { $push: { gallery: 'new.png' } } } }]],
    { hits: [], drops: '' },
  ],
];
