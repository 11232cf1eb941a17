import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type TestApp } from '../support/test-app.js';
import { connect } from '../support/database.js';

interface Discriminated {
  discriminator(name: string, schema: Schema): unknown;
}

describe('attack: what an app declares after its first write', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('1.png', '2.png');
  });
  afterEach(closeTestApps);

  it('a discriminator of a model on another connection, which is named in references, is asked', async () => {
    const there = await connect();
    const plugged = (definition: object, fields: string[]): Schema =>
      new Schema(definition, { discriminatorKey: 'kind' }).plugin(imageCleanup, { ...s.options, fields });
    const Page = there.model('Page', plugged({ banner: String }, ['banner']));
    const Post = s.model('Post', { image: String }, { references: [Page] });
    await Post.create([{ image: '1.png' }, { image: '2.png' }]);
    await Post.deleteOne({ image: '1.png' });
    const Hero = Page.discriminator('Hero', plugged({ hero: String }, ['hero']));
    await Hero.create({ hero: '2.png' });
    await Post.deleteOne({ image: '2.png' });
    expect(await s.outcomes()).to.deep.equal(['kept 2.png (still used)', 'removed 1.png']);
  });

  it('a discriminator of sub-documents is asked, and its files leave', async () => {
    const schema = new Schema({
      image: { type: String, imageCleanup: true },
      blocks: [new Schema({ text: String }, { discriminatorKey: 'kind' })],
    });
    const Page = s.connection.model('Page', schema.plugin(imageCleanup, s.options));
    await Page.create([{ image: '1.png' }, { image: '2.png' }]);
    await Page.deleteOne({ image: '1.png' });
    const blocks = Page.schema.path('blocks') as unknown as Discriminated;
    blocks.discriminator('Picture', new Schema({ url: { type: String, imageCleanup: true } }));
    await Page.create({ blocks: [{ kind: 'Picture', url: '2.png' }] } as never);
    await Page.deleteOne({ image: '2.png' });
    await Page.deleteOne({ 'blocks.url': '2.png' });
    expect(await s.outcomes()).to.deep.equal(['kept 2.png (still used)', 'removed 1.png', 'removed 2.png']);
  });
});
