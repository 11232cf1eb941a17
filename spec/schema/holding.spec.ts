import { expect } from 'chai';
import mongoose, { Schema, type SchemaDefinition } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp } from '../support/test-app.js';
import { recordingProvider } from '../support/recording-provider.js';
import { itIf } from '../support/versions.js';

const alt = new Schema({ src: String, alt: String, deep: [{ text: String }], size: Number });

/** Fields that would never do anything, and what the error names besides. */
const wrong: [what: string, definition: unknown, ...named: string[]][] = [
  ['a Number', Number, 'Number'],
  ['a Boolean', Boolean, 'Boolean'],
  ['a Date', Date, 'Date'],
  ['a Decimal128', Schema.Types.Decimal128, 'Decimal128'],
  ['a Buffer', Buffer, 'Buffer'],
  ['a BigInt', BigInt, 'BigInt'],
  ['an array of Numbers', [Number], 'Number'],
  ['a Map of Dates', { type: Map, of: Date }, 'Date'],
  ['sub-documents', [alt], 'sub-documents', '"images.src"', '"images.alt"', '"images.deep.text"'],
  ['a single sub-document', alt, 'sub-documents', '"images.src"'],
  ['sub-documents without strings', [{ size: Number }], 'sub-documents', 'name a path of strings'],
  ['sub-documents whose url is a Number', [{ url: Number }], 'sub-documents'],
  [
    'a nested object',
    { src: String, of: { alt: String } },
    'a nested object',
    '"images.src"',
    '"images.of.alt"',
  ],
];

/** Fields that can hold an image, or of which nobody knows. */
const right: Record<string, unknown> = {
  'results of multer-storage-cloudinary': [{ url: String, filename: String }],
  'a result of multer': new Schema({ path: String, size: Number }),
  'a result of multer-s3': { key: String, bucket: String, location: String },
  'a result of Cloudinary': new Schema({ public_id: String }),
  'a Mixed url': [{ url: {} }],
  'sub-documents without known paths': new Schema({}, { _id: false }),
  'sub-documents that take any path': new Schema({ alt: String }, { strict: false }),
  Mixed: { type: Schema.Types.Mixed },
  'an array of anything': [],
  'an ObjectId': Schema.Types.ObjectId,
  'a nested object with an url': { url: String, alt: String },
};

describe('fields that cannot hold an image', () => {
  afterEach(closeTestApps);

  for (const [what, definition, ...named] of wrong) {
    it(`${what}: named, a TypeError that names ${named.join(', ')}`, () => {
      const schema = new Schema({ images: definition, title: String } as SchemaDefinition);
      const act = () => schema.plugin(imageCleanup, { fields: ['images'] });
      for (const text of ['"images"', 'cannot hold an image', ...named])
        expect(act).to.throw(TypeError, text);
    });
  }

  for (const [what, definition] of Object.entries(right)) {
    it(`${what}: taken`, () => {
      const schema = new Schema({ images: definition, title: String } as SchemaDefinition);
      schema.plugin(imageCleanup, { fields: ['images'] });
    });
  }

  it('a mark on one is refused as well, also in a child schema', () => {
    for (const type of [Number, [{ type: Date }], alt]) {
      const images = { type, imageCleanup: true } as SchemaDefinition[string];
      expect(() => new Schema({ images }).plugin(imageCleanup)).to.throw(TypeError, '"images"');
      const parent = new Schema({ child: [new Schema({ images })] });
      expect(() => parent.plugin(imageCleanup)).to.throw(TypeError, '"child.images"');
    }
  });

  it('a type of an app is taken', () => {
    class Picture extends mongoose.SchemaType {
      constructor(key: string, options: object) {
        super(key, options as never, 'Picture');
      }
      override cast(value: unknown): unknown {
        return value;
      }
    }
    (mongoose.Schema.Types as unknown as Record<string, unknown>)['Picture'] = Picture;
    try {
      new Schema({ image: { type: Picture } } as SchemaDefinition).plugin(imageCleanup, {
        fields: ['image'],
      });
    } finally {
      delete (mongoose.Schema.Types as unknown as Record<string, unknown>)['Picture'];
    }
  });

  itIf('Union' in Schema.Types)('a Union is taken if one of its types can', () => {
    const of = (...types: unknown[]) =>
      new Schema({ image: { type: 'Union', of: types } } as unknown as SchemaDefinition);
    of(Number, String).plugin(imageCleanup, { fields: ['image'] });
    expect(() => of(Number, Date).plugin(imageCleanup, { fields: ['image'] })).to.throw(
      TypeError,
      'Number, Date',
    );
  });

  it('sub-documents that are results of an upload simply work', async () => {
    const s = await testApp();
    const store = recordingProvider('a', 'b');
    const photo = { _id: false, public_id: String, filename: String };
    const Album = s.model('Album', { images: [photo] }, { fields: ['images'], provider: store });
    const album = await Album.create({ images: [{ public_id: 'a' }, { public_id: 'b' }] });
    album.images.shift();
    await album.save();
    expect(store.gone()).to.deep.equal(['a']);
  });

  it('what references only reads may be anything', () => {
    const Page = mongoose.createConnection().model('Page', new Schema({ blocks: [alt] }));
    const references = [{ model: Page, fields: ['blocks'], mentions: true }];
    new Schema({ image: String }).plugin(imageCleanup, { fields: ['image'], references });
  });
});
