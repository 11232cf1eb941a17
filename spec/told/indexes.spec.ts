import { expect } from 'chai';
import { Schema } from 'mongoose';
import { imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

describe('a missing index', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png');
  });
  afterEach(closeTestApps);

  /** A removal by the model, and what is logged about indexes. */
  async function linesAfterRemoval(Album: AnyDocumentModel): Promise<string[]> {
    await Album.collection.insertOne({ image: 'a.png' });
    await Album.deleteMany({});
    await s.outcomes();
    return s.log.filter((line) => line.includes('no index'));
  }

  it('that is not declared: the line to add', async () => {
    const Album = s.model('Album', { image: String });
    const lines = await linesAfterRemoval(Album);
    expect(lines).to.have.length(1);
    expect(lines[0])
      .to.include('"Album"')
      .and.include("it is not declared, add: schema.index({ 'image': 1 })");
    expect(lines[0]).to.not.include('createIndexes');
  });

  for (const [how, definition, index] of [
    ['at its path', { image: { type: String, index: true } }, undefined],
    ['by schema.index()', { image: String, title: String }, { image: 1, title: 1 }],
  ] as const) {
    it(`that is declared ${how} and not built (autoIndex: false): the call that builds it`, async () => {
      const schema = new Schema(definition as object, { autoIndex: false });
      if (index) schema.index(index);
      schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
      const Album = s.connection.model('Album', schema) as AnyDocumentModel;
      const lines = await linesAfterRemoval(Album);
      expect(lines).to.have.length(1);
      expect(lines[0]).to.include('the schema declares one for "image" that the database has not built');
      expect(lines[0]).to.include('Album.createIndexes()').and.include('autoIndex');
      expect(lines[0]).to.not.include('schema.index(');
      await Album.createIndexes();
      expect(Object.keys(await Album.collection.indexInformation())).to.have.length(2);
    });
  }

  it('a declared index that would not serve the question is not one', async () => {
    const schema = new Schema({ image: String, title: String }, { autoIndex: false });
    schema.index({ title: 1, image: 1 });
    schema.index({ image: 1 }, { partialFilterExpression: { title: 'x' } });
    schema.plugin(imageCleanup, { fields: ['image'], ...s.options });
    const lines = await linesAfterRemoval(s.connection.model('Album', schema) as AnyDocumentModel);
    expect(lines[0]).to.include('it is not declared, add');
  });

  it('that a discriminator declares covers its own documents only: to be declared on the base', async () => {
    const Album = s.model('Album', { cover: { type: String, index: true } }, { fields: ['cover'] });
    const child = new Schema({ image: { type: String, index: true } });
    child.plugin(imageCleanup, { fields: ['image'], ...s.options });
    const Photo = Album.discriminator('Photo', child) as unknown as AnyDocumentModel;
    await Promise.all([Album.init(), Photo.init()]);
    const [line] = await linesAfterRemoval(Album);
    expect(line).to.include('a discriminator declares one for "image", which covers its own documents only');
    expect(line).to.include("on the base schema, schema.index({ 'image': 1 })");
  });

  it('both kinds in one line', async () => {
    const definition = { image: { type: String, index: true }, cover: String };
    const Album = s.model('Album', definition, { fields: ['image', 'cover'] }, { autoIndex: false });
    const [line] = await linesAfterRemoval(Album);
    expect(line).to.include('declares one for "image"');
    expect(line).to.include("others are not declared, add: schema.index({ 'cover': 1 })");
  });

  it('is told for every model that is asked, each with its name, not for the writing one alone', async () => {
    const Album = s.model('Album', { image: { type: String, index: true } });
    await Album.init();
    s.model('Post', { image: String });
    s.model('Page', { image: { type: String, index: true } }, {}, { autoIndex: false });
    const lines = await linesAfterRemoval(Album);
    expect(lines).to.have.length(2);
    expect(lines.find((line) => line.includes('"Post"'))).to.include('it is not declared');
    expect(lines.find((line) => line.includes('"Page"'))).to.include('Page.createIndexes()');
  });
});
