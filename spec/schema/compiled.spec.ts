import { expect } from 'chai';
import { Schema } from 'mongoose';
import { cleanupFor, imageCleanup } from '../../lib/index.js';
import { closeTestApps, testApp, type AnyDocumentModel, type TestApp } from '../support/test-app.js';

describe('the plugin on a schema that is a model already', () => {
  let s: TestApp;
  beforeEach(async () => {
    s = await testApp();
    await s.uploads.put('a.png', 'b.png');
  });
  afterEach(closeTestApps);

  const late = (schema: Schema, fields = ['image']): Schema =>
    schema.plugin(imageCleanup, { ...s.options, fields });
  const warnings = (): string[] => s.log.filter((line) => line.includes('after the model was compiled'));

  it('is told, and cleanupFor() throws as documented', async () => {
    const schema = new Schema({ image: String });
    const Album = s.connection.model('Album', schema) as unknown as AnyDocumentModel;
    late(schema);
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.contain('"Album"').and.to.contain('before mongoose.model()');
    expect(() => cleanupFor(Album)).to.throw(TypeError, '"Album" does not have the plugin');
    await Album.create({ image: 'a.png' });
    await Album.deleteMany({});
    expect(await s.uploads.names()).to.deep.equal(['a.png', 'b.png']);
  });

  it('is told for a discriminator, which has a copy of the schema', () => {
    const Base = s.model('Base', { image: String });
    const schema = new Schema({ poster: String });
    Base.discriminator('Child', schema);
    late(schema, ['poster']);
    expect(warnings()).to.have.length(1);
    expect(warnings()[0]).to.contain('"Child"');
  });

  it('is told on a database opened by useDb', async () => {
    const schema = new Schema({ image: String });
    s.connection.useDb(`${s.connection.name}_other`).model('There', schema);
    late(schema);
    expect(warnings()).to.have.length(1);
  });

  it('acts for a model that is compiled later', async () => {
    const schema = new Schema({ image: String });
    s.connection.model('Early', schema);
    late(schema);
    const Late = s.connection.model('Late', schema) as unknown as AnyDocumentModel;
    await Late.create({ image: 'a.png' });
    await Late.deleteMany({});
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
  });

  it('a second call comes too late for its own fields only', async () => {
    const schema = late(new Schema({ image: String, thumb: String }));
    const Album = s.connection.model('Album', schema) as unknown as AnyDocumentModel;
    late(schema, ['thumb']);
    await Album.create({ image: 'a.png', thumb: 'b.png' });
    await Album.deleteMany({});
    expect(await s.uploads.names()).to.deep.equal(['b.png']);
  });

  it('a logger that throws, now or later, does no harm', () => {
    const schema = new Schema({ image: String, thumb: String });
    s.connection.model('Album', schema);
    const fail = (): never => {
      throw new Error('no log');
    };
    const later = () => Promise.reject(new Error('no log'));
    schema.plugin(imageCleanup, { ...s.options, logger: { warn: fail, error: fail }, fields: ['image'] });
    const other = new Schema({ image: String });
    s.connection.model('Other', other);
    other.plugin(imageCleanup, { ...s.options, logger: { warn: later, error: later }, fields: ['image'] });
  });

  it('a copy of the schema of a model is not that model', () => {
    const schema = new Schema({ image: String });
    s.connection.model('Album', schema);
    late(schema.clone());
    const other = new Schema({ image: String });
    s.connection.model('Archive', other.clone());
    late(other);
    expect(warnings()).to.deep.equal([]);
  });
});
