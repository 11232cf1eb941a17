import { expect } from 'chai';
import { createRequire } from 'node:module';
import mongoose9 from 'mongoose';
import type { Model, Types } from 'mongoose';
import type { MongoDB } from '../../spec/support/mongodb/index.js';
import { startMongoDB } from '../../spec/support/mongodb/index.js';
import { mongooseMajor } from '../../spec/support/versions.js';

// The types of the aliased packages declare a module of another name, so they are taken for those of Mongoose 9.
const load = createRequire(__filename) as (name: string) => typeof mongoose9;
const versions = { 7: load('mongoose-7'), 8: load('mongoose-8'), 9: mongoose9 };

interface Post {
  title: string;
  slug: string;
  images: string[];
  parts: { image: string; n: number }[];
  author: Types.ObjectId;
  score: number;
}

describe('Mongoose over the MongoDB of the specs', () => {
  let mongodb: MongoDB;

  before(async () => {
    mongodb = await startMongoDB();
  });

  after(async () => {
    await mongodb?.stop();
  });

  for (const [major, mongoose] of Object.entries(versions)) {
    describe(`Mongoose ${major}`, () => {
      let connection: typeof mongoose9.connection;

      before(async () => {
        connection = await mongoose.createConnection(mongodb.uri).asPromise();
      });

      after(async () => {
        await connection?.close();
      });

      const { Schema } = mongoose;
      const postSchema = new Schema({
        title: { type: String, required: true },
        slug: { type: String, unique: true },
        images: [String],
        parts: [new Schema({ image: String, n: Number })],
        author: { type: Schema.Types.ObjectId, ref: `Author${major}` },
        score: Number,
      });

      async function model(): Promise<Model<Post>> {
        const name = `Post${major}`;
        const Post = (connection.models[name] ??
          connection.model(name, postSchema)) as unknown as Model<Post>;
        await Post.init();
        await Post.deleteMany({});
        return Post;
      }

      it('is the version that it is said to be', () => {
        // in the matrix the specs run with another one
        const expected = mongoose === mongoose9 ? String(mongooseMajor) : major;
        expect(mongoose.version.split('.')[0]).to.equal(expected);
      });

      it('creates, saves and deletes documents', async () => {
        const Post = await model();
        const post = await Post.create({
          title: 'a',
          slug: 'a',
          images: ['1.png'],
          parts: [{ image: '2.png', n: 1 }],
        });
        post.set('title', 'b');
        post.set('parts.0.image', '3.png');
        await post.save();
        const found = await Post.findById(post._id).orFail();
        expect(found.get('title')).to.equal('b');
        expect(found.get('parts.0.image')).to.equal('3.png');
        await found.deleteOne();
        expect(await Post.countDocuments()).to.equal(0);
      });

      it('updates by query, in arrays and in bulk', async () => {
        const Post = await model();
        await Post.insertMany([
          { title: 'a', slug: 'a', images: ['1', '2'], score: 1 },
          {
            title: 'b',
            slug: 'b',
            parts: [
              { image: 'x', n: 1 },
              { image: 'y', n: 2 },
            ],
            score: 2,
          },
        ]);
        await Post.updateOne({ slug: 'a' }, { $pull: { images: '1' }, $inc: { score: 10 } });
        const arrayFilters = [{ 'part.n': 2 }];
        await Post.updateMany({}, { $set: { 'parts.$[part].image': 'z' } }, { arrayFilters });
        const before = await Post.findOneAndUpdate(
          { slug: 'b' },
          { $set: { score: 20 } },
          { sort: { title: 1 } },
        );
        expect(before?.get('score')).to.equal(2);
        await Post.bulkWrite([
          { updateOne: { filter: { slug: 'c' }, update: { $set: { title: 'c' } }, upsert: true } },
          { deleteOne: { filter: { slug: 'none' } } },
        ]);
        const posts = await Post.find().sort({ slug: 1 }).select('images parts.image score -_id').lean();
        expect(posts.map(({ score }) => score)).to.deep.equal([11, 20, undefined]);
        expect(posts[1]).to.have.nested.property('parts[1].image', 'z');
      });

      it('hears of duplicate keys', async () => {
        const Post = await model();
        await Post.create({ title: 'a', slug: 'same' });
        const error = await Post.create({ title: 'b', slug: 'same' }).catch((reason: unknown) => reason);
        expect(error).to.include({ code: 11000 });
        expect(error).to.have.deep.property('keyValue', { slug: 'same' });
      });

      it('populates, aggregates and streams', async () => {
        const Post = await model();
        const Author =
          connection.models[`Author${major}`] ??
          connection.model(`Author${major}`, new Schema({ name: String }));
        const author = await Author.create({ name: 'Ada' });
        await Post.create({ title: 'a', slug: 'a', author: author._id, score: 3 });
        const populated = await Post.findOne().populate('author').orFail();
        expect(populated.get('author.name')).to.equal('Ada');
        const group = { $group: { _id: '$author', total: { $sum: '$score' } } };
        const [total] = await Post.aggregate<{ total: number }>([group]);
        expect(total).to.include({ total: 3 });
        const titles: unknown[] = [];
        for await (const post of Post.find().cursor()) titles.push(post.get('title'));
        expect(titles).to.deep.equal(['a']);
      });

      it('commits and aborts transactions', async () => {
        const Post = await model();
        await connection.transaction(async (session) => {
          await Post.create([{ title: 'a', slug: 'a' }], { session });
          expect(await Post.countDocuments()).to.equal(0);
        });
        expect(await Post.countDocuments()).to.equal(1);
        const failure = new Error('on purpose');
        const attempt = connection.transaction(async (session) => {
          await Post.deleteMany({}, { session });
          throw failure;
        });
        expect(await attempt.catch((error: unknown) => error)).to.equal(failure);
        expect(await Post.countDocuments()).to.equal(1);
      });

      it('watches changes', async () => {
        const Post = await model();
        const stream = Post.watch();
        const next = new Promise<{ operationType: string }>((resolve) => stream.once('change', resolve));
        await new Promise((resolve) => stream.once('resumeTokenChanged', resolve));
        await Post.create({ title: 'a', slug: 'a' });
        expect(await next).to.include({ operationType: 'insert' });
        await stream.close();
      });

      it('synchronises indexes', async () => {
        const Post = await model();
        await Post.collection.createIndex({ score: 1 }, { name: 'stray' });
        expect(await Post.syncIndexes()).to.deep.equal(['stray']);
        expect((await Post.listIndexes()).map(({ name }) => name)).to.deep.equal(['_id_', 'slug_1']);
      });
    });
  }
});
