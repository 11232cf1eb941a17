import { expect } from 'chai';
import mongoose, { Schema } from 'mongoose';
import { connect } from '../../support/database.js';
import { Photos, type ObjectId } from './photos.js';

const { ObjectId: Id, Mixed, UUID } = Schema.Types;
const { mongo } = mongoose;

/** What multer-gridfs-storage hands to an app. */
const fileObject = (id: unknown, filename = 'a.png') => ({
  id,
  filename,
  metadata: null,
  bucketName: 'photos',
  chunkSize: 261_120,
  size: 7,
  uploadDate: new Date(0),
  contentType: 'image/png',
});
const FILE = { id: Id, filename: String, bucketName: String, size: Number, contentType: String };

describe('gridfsProvider: how documents name a file', () => {
  let photos: Photos;
  beforeEach(async () => {
    photos = new Photos(await connect());
  });

  const shapes: [what: string, definition: object, fields: string[], held: (id: ObjectId) => object][] = [
    ['an ObjectId', { photo: Id }, ['photo'], (photo) => ({ photo })],
    ['hex digits', { photo: String }, ['photo'], (id) => ({ photo: String(id) })],
    ['hex digits in upper case', { photo: String }, ['photo'], (id) => ({ photo: String(id).toUpperCase() })],
    ['an array of ObjectIds', { photos: [Id] }, ['photos'], (id) => ({ photos: [id] })],
    ['an array of strings', { photos: [String] }, ['photos'], (id) => ({ photos: [String(id)] })],
    ['a Map of ObjectIds', { by: { type: Map, of: Id } }, ['by.$*'], (id) => ({ by: { front: id } })],
    ['a file object', { photo: Mixed }, ['photo'], (id) => ({ photo: fileObject(id) })],
    ['a file object as JSON', { photo: Mixed }, ['photo'], (id) => ({ photo: fileObject(String(id)) })],
    ['file objects in an array', { photos: [Mixed] }, ['photos'], (id) => ({ photos: [fileObject(id)] })],
    ['a sub-document', { photo: new Schema(FILE) }, ['photo'], (id) => ({ photo: fileObject(id) })],
    ['a nested file object', { photo: FILE }, ['photo'], (id) => ({ photo: fileObject(id) })],
    ['photo.id of a nested one', { photo: FILE }, ['photo.id'], (id) => ({ photo: fileObject(id) })],
    ['photo.id and nothing else', { photo: { id: Id } }, ['photo.id'], (id) => ({ photo: { id } })],
    [
      'photo.id of a string',
      { photo: { id: String } },
      ['photo.id'],
      (id) => ({ photo: { id: String(id) } }),
    ],
    [
      'photo.id of a sub-document',
      { photo: new Schema(FILE) },
      ['photo.id'],
      (id) => ({ photo: fileObject(id) }),
    ],
    [
      'photos.id of sub-documents',
      { photos: [new Schema(FILE)] },
      ['photos.id'],
      (id) => ({ photos: [fileObject(id)] }),
    ],
    [
      'photos.id in a Map',
      { by: { type: Map, of: new Schema(FILE) } },
      ['by.$*.id'],
      (id) => ({ by: { front: fileObject(id) } }),
    ],
  ];

  for (const [what, definition, fields, held] of shapes) {
    it(`${what}: the last document that drops it takes the file along, by whichever write`, async () => {
      const { Model, told } = photos.model(definition as never, {}, { fields });
      const [id, other] = [await photos.put('a.png'), await photos.put('b.png')];
      await Model.create([held(id), held(id)]);
      await Model.findOneAndUpdate({}, { $set: held(other) });
      expect(told()).to.deep.equal(['kept: still used']);
      await Model.deleteMany({});
      expect(told().sort()).to.deep.equal(['kept: still used', 'removed', 'removed']);
      expect([await photos.files(), await photos.chunks()]).to.deep.equal([0, 0]);
    });

    it(`${what}: keeps a file that another document drops as an ObjectId, and as a string`, async () => {
      const { Model } = photos.model(definition as never, {}, { fields });
      const id = await photos.put('a.png');
      await Model.create(held(id));
      for (const [index, type] of [Id, String].entries()) {
        const other = photos.dropper(`Dropper${String(index)}`, type);
        await other.Model.create({ cover: String(id) });
        await other.Model.deleteMany({});
        expect(other.told()).to.deep.equal(['kept: still used']);
      }
      expect(await photos.files()).to.equal(1);
    });
  }

  it('an ObjectId somewhere in an object that nobody knows is a mention', async () => {
    const { Model, told } = photos.model({ photo: Id, body: Mixed }, {}, { mentionsUpTo: 100 });
    const id = await photos.put('a.png');
    await Model.create([{ photo: id }, { body: { blocks: [{ type: 'image', ref: { file: id } }] } }]);
    await Model.deleteOne({ photo: id });
    expect(told()).to.deep.equal(['kept: mentioned']);
    expect(await photos.files()).to.equal(1);
  });

  describe('files whose _id is no ObjectId', () => {
    const uuid = '5f0a1c9e-7d2b-4a51-9f3c-0123456789ab';
    const ids: [what: string, id: unknown, type: unknown, value: unknown][] = [
      ['a UUID', new mongo.Binary(Buffer.from(uuid.replaceAll('-', ''), 'hex'), 4), UUID, uuid],
      [
        'a Binary',
        new mongo.Binary(Buffer.from('0123456789abcdef01234567', 'hex')),
        Mixed,
        Buffer.from('0123456789abcdef01234567', 'hex'),
      ],
      ['a Long', mongo.Long.fromString('9007199254740993'), Mixed, mongo.Long.fromString('9007199254740993')],
      ['a number', 7, Mixed, 7],
      ['a string', 'ada', String, 'ada'],
      ['a string of 24 hex digits', '5f0a1c9e7d2b4a519f3c0123', String, '5f0a1c9e7d2b4a519f3c0123'],
    ];
    for (const [what, id, type, value] of ids) {
      it(`${what}: never removed by id`, async () => {
        const { Model, told } = photos.model({ photo: type });
        await photos.put('a.png', 'content', id);
        await Model.create({ photo: value });
        await Model.deleteMany({});
        expect(told()).to.deep.equal([/24/.test(what) ? 'missing' : 'kept: not ours']);
        expect([await photos.files(), await photos.chunks()]).to.deep.equal([1, 2]);
      });

      it(`${what}: not listed by id, with a file and without`, async () => {
        await photos.put('a.png', 'content', id);
        expect(await photos.listed()).to.deep.equal([]);
        await photos.dropFileOnly(id as ObjectId);
        await photos.ageChunks(id as ObjectId);
        expect(await photos.listed()).to.deep.equal([]);
      });

      it(`${what}: removed and listed by filename, with all revisions`, async () => {
        const { Model, told } = photos.model({ photo: String }, { by: 'filename' });
        await photos.put('a.png', 'one', id);
        await photos.put('a.png', 'two');
        await photos.put('b.png');
        expect(await photos.listed({ by: 'filename' })).to.deep.equal(['a.png', 'b.png']);
        await Model.create({ photo: 'a.png' });
        await Model.deleteMany({});
        expect(told()).to.deep.equal(['removed']);
        expect([await photos.files(), await photos.chunks()]).to.deep.equal([1, 2]);
      });
    }
  });

  describe('by filename', () => {
    const held: [what: string, definition: object, fields: string[], value: object][] = [
      ['a string', { photo: String }, ['photo'], { photo: 'a.png' }],
      ['a file object', { photo: Mixed }, ['photo'], { photo: fileObject('f'.repeat(24)) }],
      ['photo.filename', { photo: FILE }, ['photo.filename'], { photo: { filename: 'a.png' } }],
    ];
    for (const [what, definition, fields, value] of held) {
      it(`${what} in another document keeps every revision; the last one takes all`, async () => {
        const { Model, told } = photos.model(definition as never, { by: 'filename' }, { fields });
        await photos.put('a.png', 'one');
        await photos.put('a.png', 'two');
        await Model.create([value, value]);
        await Model.deleteOne({});
        expect(told()).to.deep.equal(['kept: still used']);
        expect(await photos.files()).to.equal(2);
        await Model.deleteOne({});
        expect(told()).to.deep.equal(['kept: still used', 'removed']);
        expect([await photos.files(), await photos.chunks()]).to.deep.equal([0, 0]);
      });
    }
  });
});
