import fc from 'fast-check';
import { IN_FOLDERS } from './folders.js';
import { ENCODINGS, OBJECTS, SHAPES, type Encoding, type Shape, type Spelled } from './spelling.js';
import { ANCHOR, MISSING, ORDINARY, OUTSIDE, PROTECTED } from './files.js';
import { has, type Ability } from '../support/mongodb/abilities.js';
import { hasBulkWriteHooks } from '../support/versions.js';
import type {
  Act,
  BulkPart,
  Change,
  Content,
  Ending,
  Fault,
  History,
  ModelName,
  Operation,
  Step,
  Style,
  Value,
  Where,
} from './steps.js';

/** What the MongoDB of this run cannot do is in no history. */
function weightWhere(ability: Ability, weight: number): number {
  return has(ability) ? weight : 0;
}

/** Most documents share few files, so that what one drops another still uses. */
const ordinary = fc.constantFrom(...ORDINARY.slice(0, 4));
const files = fc.constantFrom(
  ...IN_FOLDERS,
  ...[
    'shot#1.png',
    '50%20off.png',
    'covers/fold?1.png',
    'fresh',
    'fresh',
    'fresh',
    'covers/fresh',
    'pics/fresh',
  ],
);
const spelled: fc.Arbitrary<Spelled> = fc.record(
  {
    file: files,
    shape: fc.constantFrom(...(Object.keys({ ...SHAPES, ...OBJECTS }) as Shape[])),
    encoding: fc.constantFrom(...(Object.keys(ENCODINGS) as Encoding[])),
    tail: fc.constantFrom('?v=2' as const, '#top' as const),
  },
  { requiredKeys: ['file', 'shape', 'encoding'] },
) as fc.Arbitrary<Spelled>;
const value: fc.Arbitrary<Value> = fc.oneof(
  { weight: 10, arbitrary: spelled },
  { weight: 5, arbitrary: ordinary },
  { weight: 2, arbitrary: ordinary.map((name) => `/uploads/${name}`) },
  { weight: 1, arbitrary: ordinary.map((name) => `/uploads/${name}?v=2`) },
  { weight: 1, arbitrary: ordinary.map((name) => `./${name}`) },
  { weight: 4, arbitrary: fc.constant('fresh') },
  { weight: 1, arbitrary: fc.constantFrom(...ORDINARY, ...PROTECTED, MISSING, ANCHOR, ...OUTSIDE) },
  { weight: 1, arbitrary: fc.constantFrom('', 'https://elsewhere.example/picture', '/uploads/system-1.png') },
);
const values = fc.array(value, { maxLength: 3 });

const content: fc.Arbitrary<Content> = fc.oneof(
  value.map((image) => ({ image })),
  values.map((gallery) => ({ gallery })),
  values.map((body) => ({ body })),
  fc.record(
    {
      image: value,
      cover: value,
      avatar: value,
      gallery: values,
      photos: values,
      thumbs: values,
      card: value,
      body: values,
    },
    { requiredKeys: [] },
  ),
);

const field = fc.constantFrom<keyof Content>(
  'image',
  'cover',
  'avatar',
  'gallery',
  'photos',
  'thumbs',
  'card',
  'body',
);
const doc = fc.nat(4);
const where: fc.Arbitrary<Where> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ doc }) },
  {
    weight: 2,
    arbitrary: fc.record(
      { group: fc.nat(1), sort: fc.constantFrom(1 as const, -1 as const) },
      { requiredKeys: ['group'] },
    ),
  },
);
const slice = fc.constantFrom(-2, -1, 0, 1, 2);

const change: fc.Arbitrary<Change> = fc.oneof(
  { weight: 4, arbitrary: content.map((set) => ({ set })) },
  field.map((unset) => ({ unset })),
  value.map((pull) => ({ pull })),
  value.map((pullPhoto) => ({ pullPhoto })),
  fc.constantFrom(1 as const, -1 as const).map((pop) => ({ pop })),
  fc.record({ push: values, slice }, { requiredKeys: ['push'] }),
  fc.record({ pushPhotos: values, slice }, { requiredKeys: ['pushPhotos'] }),
  value.map((addToSet) => ({ addToSet })),
  fc
    .constantFrom('image to cover' as const, 'image away' as const, 'cover to image' as const)
    .map((rename) => ({ rename })),
  fc.tuple(value, value).map((arrayFilter) => ({ arrayFilter })),
  value.map((everyPhoto) => ({ everyPhoto })),
  value.map((thumb) => ({ thumb })),
  value.map((onInsert) => ({ onInsert })),
  {
    weight: weightWhere('updates by pipelines', 1),
    arbitrary: fc.record({
      pipeline: fc.constantFrom('swap', 'clear', 'image to cover', 'literal', 'replaceWith', 'unset'),
      value,
    }) as fc.Arbitrary<Change>,
  },
  fc.nat(3).map((count) => ({ count })),
);

const upsert = fc.constant(true);
/** A Mongoose without hooks of bulk writes leaves their files. */
function forBulk(weight: number): number {
  return hasBulkWriteHooks ? weight : 0;
}

const bulkPart: fc.Arbitrary<BulkPart> = fc.oneof(
  { weight: 2, arbitrary: content.map((insert) => ({ insert })) },
  { weight: 1, arbitrary: doc.map((insertAgain) => ({ insertAgain })) },
  {
    weight: 5,
    arbitrary: fc.record({ updateOne: where, change, upsert }, { requiredKeys: ['updateOne', 'change'] }),
  },
  { weight: 2, arbitrary: fc.record({ updateMany: where, change }) },
  { weight: 2, arbitrary: fc.record({ replaceOne: where, content }) },
  { weight: 2, arbitrary: where.map((deleteOne) => ({ deleteOne })) },
  { weight: 1, arbitrary: where.map((deleteMany) => ({ deleteMany })) },
);

const model = fc.constantFrom('Album' as const, 'Album' as const, 'Concert' as const, 'Live' as const);
const on = <T extends object>(shape: { [K in keyof T]: fc.Arbitrary<T[K]> }, required?: (keyof T)[]) =>
  fc.record(
    { model, ...shape } as never,
    required && ({ requiredKeys: ['model', ...required] } as never),
  ) as fc.Arbitrary<Operation>;

const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 2, arbitrary: on({ do: fc.constant('create'), content }) },
  { weight: 2, arbitrary: on({ do: fc.constant('copy'), doc }) },
  {
    weight: 6,
    arbitrary: on({ do: fc.constant('save'), doc, set: content, unset: field, partly: field }, [
      'do',
      'doc',
      'set',
    ]),
  },
  { weight: 2, arbitrary: on({ do: fc.constant('saveArrays'), doc, drop: fc.nat(2), push: value }) },
  { weight: 1, arbitrary: on({ do: fc.constant('saveStale'), doc, first: content, second: content }) },
  {
    weight: forBulk(2),
    arbitrary: on({ do: fc.constant('bulkSave'), sets: fc.array(content, { maxLength: 3 }) }),
  },
  {
    weight: 8,
    arbitrary: on(
      {
        do: fc.constant('update'),
        call: fc.constantFrom('updateOne', 'updateMany', 'findOneAndUpdate', 'doc.updateOne'),
        where,
        change,
        upsert,
      },
      ['do', 'call', 'where', 'change'],
    ),
  },
  {
    weight: 3,
    arbitrary: on({
      do: fc.constant('replace'),
      call: fc.constantFrom('replaceOne', 'findOneAndReplace', 'doc.replaceOne'),
      where,
      content,
    }),
  },
  {
    weight: 4,
    arbitrary: on({
      do: fc.constant('delete'),
      call: fc.constantFrom('deleteOne', 'deleteMany', 'findOneAndDelete', 'doc.deleteOne'),
      where,
    }),
  },
  {
    weight: forBulk(4),
    arbitrary: on({
      do: fc.constant('bulkWrite'),
      ordered: fc.boolean(),
      parts: fc.array(bulkPart, { minLength: 1, maxLength: 4 }),
    }),
  },
  { weight: 1, arbitrary: on({ do: fc.constant('removeUnused'), values }) },
);

const storageFault: fc.Arbitrary<Fault> = fc.record({
  in: fc.constant('storage' as const),
  kind: fc.constantFrom('busy', 'busy', 'throws', 'refused', 'throws a string', 'short answer', 'nonsense'),
  times: fc.integer({ min: 1, max: 2 }),
}) as fc.Arbitrary<Fault>;
const databaseFault: fc.Arbitrary<Fault> = fc.record({
  in: fc.constant('database' as const),
  command: fc.constantFrom('find', 'find', 'update', 'delete', 'findAndModify'),
  after: fc.nat(2),
  // not retried, not allowed, retried once by the driver
  code: fc.constantFrom(50, 13, 6),
}) as fc.Arbitrary<Fault>;
const fault = fc.oneof(
  { weight: 2, arbitrary: storageFault },
  { weight: weightWhere('fail points', 1), arbitrary: databaseFault },
);

const end = fc.constantFrom<Ending>(
  'commit',
  'commit',
  'commit',
  'abort',
  'throw',
  'endSession',
  'conflict',
  'commit fails',
  'commit unknown',
  'commit unknown, once more',
);
const style = fc.constantFrom<Style>('manual', 'manual', 'withTransaction', 'connection', 'async storage');

const act: fc.Arbitrary<Act> = fc.record(
  { operation, isInTransaction: fc.constantFrom(has('transactions'), false, false), turns: fc.nat(6) },
  { requiredKeys: ['operation'] },
) as fc.Arbitrary<Act>;

/** Often all of them are about one document, where writes displace what others have just stored. */
const together: fc.Arbitrary<Act[]> = fc
  .record({
    acts: fc.array(act, { minLength: 2, maxLength: 4 }),
    one: fc.option(fc.record({ doc: fc.nat(1), model }), { freq: 2 }),
  })
  .map(({ acts, one }) =>
    one ? acts.map((each) => ({ ...each, operation: about(each.operation, one) })) : acts,
  );

function about<T extends Operation>(operation: T, one: { doc: number; model: ModelName }): T {
  return {
    ...operation,
    model: one.model,
    ...('doc' in operation && { doc: one.doc }),
    ...('where' in operation && { where: { doc: one.doc } }),
  };
}

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 12, arbitrary: fc.record({ operation }) },
  { weight: 3, arbitrary: fc.record({ operation, fault }) },
  {
    weight: 1,
    arbitrary: fc.record({ operation, off: fc.constantFrom('option' as const, 'block' as const) }),
  },
  {
    weight: weightWhere('transactions', 3),
    arbitrary: fc.record(
      {
        transaction: fc.array(operation, { minLength: 1, maxLength: 3 }),
        style,
        end,
        reupload: ordinary,
      },
      { requiredKeys: ['transaction', 'style', 'end'] },
    ),
  },
  { weight: 2, arbitrary: fc.record({ together }) },
  {
    weight: 2,
    arbitrary: fc.record({
      held: operation,
      when: fc.constantFrom('before' as const, 'before' as const, 'after' as const),
      meanwhile: operation,
    }),
  },
  { weight: 1, arbitrary: ordinary.map((reupload) => ({ reupload })) },
  { weight: 1, arbitrary: ordinary.map((pin) => ({ pin })) },
  {
    weight: 1,
    arbitrary: fc.record(
      { hoursPass: fc.constant(true as const), fault: storageFault },
      { requiredKeys: ['hoursPass'] },
    ),
  },
);

/** A file is dropped, cannot be removed yet, is taken up again, and then the time of the retry comes. */
const takenUpAgain: fc.Arbitrary<Step[]> = fc
  .record({ model, call: fc.constantFrom('deleteMany', 'updateMany'), group: fc.nat(1), file: value })
  .map(({ model: own, call, group, file }) => [
    {
      operation: (call === 'deleteMany'
        ? { model: own, do: 'delete', call, where: { group } }
        : { model: own, do: 'update', call, where: { group }, change: { unset: 'image' } }) as Operation,
      fault: { in: 'storage', kind: 'busy', times: 2 },
    },
    { operation: { model: own, do: 'create', content: { image: file } } },
    { hoursPass: true },
  ]);

/** A document names a file, and then the same file in a way that is in no list: an app that writes addresses back. */
const respelled: fc.Arbitrary<Step[]> = fc
  .record({
    model,
    file: fc.constantFrom(...IN_FOLDERS),
    field: fc.constantFrom('image' as const, 'cover' as const, 'card' as const),
    shape: fc.constantFrom<Shape>('old host', 'html', 'sentence', 'path'),
    call: fc.constantFrom('updateOne' as const, 'findOneAndUpdate' as const, 'save' as const),
    number: fc.nat(1),
  })
  .map(({ model: own, file, field: key, shape, call, number }) => {
    const write = (image: Spelled): Step => {
      const set: Content = { [key]: image };
      if (call === 'save') return { operation: { model: own, do: 'save', doc: number, set } };
      return { operation: { model: own, do: 'update', call, where: { doc: number }, change: { set } } };
    };
    return [
      write({ file, shape: 'path', encoding: 'raw' }),
      write({ file, shape, encoding: shape === 'path' ? 'needless' : 'raw' }),
    ];
  });

const seed = fc.record(
  {
    model,
    group: fc.nat(1),
    image: value,
    cover: value,
    avatar: value,
    gallery: values,
    photos: values,
    thumbs: values,
    card: value,
    body: values,
  },
  { requiredKeys: ['model', 'group', 'image'] },
);

/** Histories of one process in which nothing takes up a file that nobody uses while somebody may be removing it. */
export const histories: fc.Arbitrary<History> = fc.record({
  storage: fc.constantFrom('memory', 'memory', 'disk', 'folders', 'folders', 'folders'),
  mentions: fc.constantFrom('default', 'never'),
  removal: fc.constantFrom('wait', 'wait', 'background'),
  references: fc.constantFrom('connection', 'connection', 'list'),
  listener: fc.constantFrom('fine', 'fine', 'throws', 'rejects'),
  documents: fc.array(seed, { minLength: 1, maxLength: 4 }),
  steps: fc
    .array(
      fc.oneof(
        { weight: 18, arbitrary: step.map((one) => [one]) },
        { weight: 2, arbitrary: takenUpAgain },
        { weight: 1, arbitrary: respelled },
      ),
      {
        minLength: 1,
        maxLength: 5,
      },
    )
    .map((parts) => parts.flat()),
}) as fc.Arbitrary<History>;
