import { expect } from 'chai';
import { mongo } from 'mongoose';
import { stringsIn } from '../../lib/usage/mentions.js';

describe('strings in a value', () => {
  it('are read in an object with a field named as drivers mark their types, which other drivers can store', () => {
    expect(stringsIn({ _bsontype: 'x', src: '/uploads/a.png' })).to.include('/uploads/a.png');
  });

  it('are not looked for in bytes and dates; an id is read by its hex digits', () => {
    const id = new mongo.ObjectId();
    const values = [id, new mongo.Binary(Buffer.from('abc')), Buffer.from('abc'), new Date()];
    expect(stringsIn(values)).to.deep.equal([id.toHexString()]);
  });
});
